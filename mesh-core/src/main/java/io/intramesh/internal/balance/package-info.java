/** Picks one endpoint of many: round robin and least request. Knows nothing of ejection; whoever asks hands in a predicate. */
@NullMarked
package io.intramesh.internal.balance;

import org.jspecify.annotations.NullMarked;
