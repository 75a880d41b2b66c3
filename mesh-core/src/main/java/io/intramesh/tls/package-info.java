/**
 * Encrypted connections and proven peers: what the core hands to transports and containers, and what it is told about
 * certificates. Transports connect under a {@link io.intramesh.tls.ClientTls}, containers accept under a
 * {@link io.intramesh.tls.ServerTls}; {@link io.intramesh.tls.PeerIdentity} says who a checked certificate stands for.
 */
@NullMarked
package io.intramesh.tls;

import org.jspecify.annotations.NullMarked;
