/** Picks one endpoint of many: in turn, by load, by latency or by key; near ones first, new ones slowly. Knows nothing of ejection; whoever asks hands in a predicate. */
@NullMarked
package io.intramesh.internal.balance;

import org.jspecify.annotations.NullMarked;
