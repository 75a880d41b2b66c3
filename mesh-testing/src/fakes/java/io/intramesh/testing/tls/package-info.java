/**
 * Certificates for tests: an authority that issues good ones and every kind of bad one, as objects, PEM files or key stores.
 */
@NullMarked
package io.intramesh.testing.tls;

import org.jspecify.annotations.NullMarked;
