package io.intramesh.internal.tls.engine;

/** Which end of a connection this process is. */
public enum TlsRole {
    CLIENT,
    SERVER
}
