/** Asks endpoints whether they are well: when, how often, and what follows from the answers. Sends nothing itself. */
@NullMarked
package io.intramesh.internal.health;

import org.jspecify.annotations.NullMarked;
