/** What a routing decision costs. */
@NullMarked
package io.intramesh.benchmarks.route;

import org.jspecify.annotations.NullMarked;
