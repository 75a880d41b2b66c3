/** Time and chance: the only place that reads a clock, draws random numbers or owns a thread. */
@NullMarked
package io.intramesh.internal.time;

import org.jspecify.annotations.NullMarked;
