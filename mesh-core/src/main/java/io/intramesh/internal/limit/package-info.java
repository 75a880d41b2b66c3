/** Bounds on what happens at a time. */
@NullMarked
package io.intramesh.internal.limit;

import org.jspecify.annotations.NullMarked;
