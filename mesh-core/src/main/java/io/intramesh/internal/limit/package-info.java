/** Bounds on what happens at a time, and breakers that stop what fails. Resilience4j is known here and nowhere else. */
@NullMarked
package io.intramesh.internal.limit;

import org.jspecify.annotations.NullMarked;
