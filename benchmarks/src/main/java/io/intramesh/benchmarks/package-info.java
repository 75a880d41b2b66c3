/**
 * What a call through the mesh costs, measured with JMH.
 */
@NullMarked
package io.intramesh.benchmarks;

import org.jspecify.annotations.NullMarked;
