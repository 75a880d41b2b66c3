/**
 * Engines and sockets over a TLS library that can be exchanged, and over certificates that are: one context for the life of
 * the mesh, whose engines take the certificate of the moment.
 */
@NullMarked
package io.intramesh.internal.tls.engine;

import org.jspecify.annotations.NullMarked;
