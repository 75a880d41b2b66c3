/** Which endpoints said that they shut down, and for how long that is believed. */
@NullMarked
package io.intramesh.internal.drain;

import org.jspecify.annotations.NullMarked;
