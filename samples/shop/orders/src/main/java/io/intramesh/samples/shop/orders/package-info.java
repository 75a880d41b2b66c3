/** Takes orders: plain Java on Jetty, with the mesh's filter in front and its OkHttp client behind. */
@NullMarked
package io.intramesh.samples.shop.orders;

import org.jspecify.annotations.NullMarked;
