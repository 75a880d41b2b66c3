/**
 * Lets Tomcat serve a listener of the mesh: TLS, plaintext or both on one port, as the listener says at the moment.
 */
@NullMarked
package io.intramesh.servlet.tomcat;

import org.jspecify.annotations.NullMarked;
