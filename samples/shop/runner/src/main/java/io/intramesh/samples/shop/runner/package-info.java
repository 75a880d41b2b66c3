/**
 * Starts the shop's services as processes, sends them customers, and shows live how their calls spread and what the mesh
 * refused. Takes no part in the mesh itself.
 */
@NullMarked
package io.intramesh.samples.shop.runner;

import org.jspecify.annotations.NullMarked;
