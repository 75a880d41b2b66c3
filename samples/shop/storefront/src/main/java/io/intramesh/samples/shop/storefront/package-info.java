/** The pages of the shop: Spring Boot 4, calling through the mesh with Spring's own RestClient. */
@NullMarked
package io.intramesh.samples.shop.storefront;

import org.jspecify.annotations.NullMarked;
