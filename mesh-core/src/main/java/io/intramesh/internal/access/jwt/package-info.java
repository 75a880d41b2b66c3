/**
 * JSON Web Tokens, checked with the Nimbus library, which is there only where policies ask for claims. The one package that
 * knows that library.
 */
@NullMarked
package io.intramesh.internal.access.jwt;

import org.jspecify.annotations.NullMarked;
