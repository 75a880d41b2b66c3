/**
 * Issues certificates: a small authority for development and tests, with its own DER writer, so that neither needs a library.
 * Nothing on the path of a call comes here.
 */
@NullMarked
package io.intramesh.internal.issue;

import org.jspecify.annotations.NullMarked;
