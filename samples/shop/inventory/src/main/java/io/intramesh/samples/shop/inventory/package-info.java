/** What is on the shelves: Spring Boot 3 behind the mesh. */
@NullMarked
package io.intramesh.samples.shop.inventory;

import org.jspecify.annotations.NullMarked;
