/**
 * Callers and endpoints in virtual time: what becomes of calls under a named incident, with the real mesh or with any other
 * client. One seed gives the same figures on every machine; a minute of traffic takes a fraction of a second.
 */
@NullMarked
package io.intramesh.testing.simulation;

import org.jspecify.annotations.NullMarked;
