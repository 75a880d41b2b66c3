/** Takes money, in two versions of one program: plain Java on Tomcat, with the mesh's filter in front. */
@NullMarked
package io.intramesh.samples.shop.payments;

import org.jspecify.annotations.NullMarked;
