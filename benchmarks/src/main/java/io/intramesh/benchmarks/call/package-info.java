/** What the stages of a call cost, without a transport. */
@NullMarked
package io.intramesh.benchmarks.call;

import org.jspecify.annotations.NullMarked;
