/**
 * Lets Jetty serve a listener of the mesh: TLS, plaintext or both on one port, as the listener says at the moment.
 */
@NullMarked
package io.intramesh.servlet.jetty;

import org.jspecify.annotations.NullMarked;
