/**
 * Certificates, keys and trust, and what is made of them: reads the material, checks it, swaps it in whole, and hands out
 * {@link io.intramesh.tls.ClientTls} and {@link io.intramesh.tls.ServerTls} that follow it. Engines and sockets are in
 * {@code engine}, BoringSSL in {@code openssl}.
 */
@NullMarked
package io.intramesh.internal.tls;

import org.jspecify.annotations.NullMarked;
