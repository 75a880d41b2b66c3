package io.intramesh.internal.tls.engine;

import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** A library that does TLS. Safe for use by several threads. */
public interface TlsBackend {

    /** Returns its name for people, such as {@code OpenSSL (BoringSSL)} or {@code JSSE (SunJSSE)}. */
    String describe();

    /** Tells whether it is a validated module that runs in its approved mode. */
    boolean isFips();

    /**
     * Returns what makes engines with that certificate and trust. What it holds outside the heap is given back when it and
     * its engines are out of use.
     *
     * @param identity shown to peers; null shows none, which only a client may
     * @param trust checks peers; a server demands a client certificate where there is one, and asks for none where it is null
     * @throws SSLException where the library takes none of it
     */
    Engines engines(TlsRole role, @Nullable TlsIdentity identity, @Nullable X509ExtendedTrustManager trust)
            throws SSLException;

    /** Makes engines. Safe for use by several threads. */
    interface Engines {
        /** Returns a new engine, ready to shake hands. */
        Opened open(Wishes wishes) throws SSLException;
    }

    /**
     * What is known about a connection before its handshake.
     *
     * @param protocols among {@link TlsLimits#PROTOCOLS}
     * @param applicationProtocols for ALPN, the preferred one first; empty for none
     * @param serverName a client's SNI; null for none
     * @param host of the peer; with the port, the name by which a client remembers sessions
     */
    record Wishes(
            List<String> protocols,
            List<String> applicationProtocols,
            @Nullable String serverName,
            @Nullable String host,
            int port) {}

    /**
     * An engine of the library.
     *
     * @param release gives back what the engine holds outside the heap; null where it holds nothing there. Idempotent,
     *     from any thread, and without a reference to who uses the engine
     * @param isNative whether it works outside the heap: then it learns that a handshake has ended only when it is called once
     *     more, and makes a record of one buffer only, however many are given
     * @param applicationProtocol tells what was agreed on by ALPN; null or empty where nothing was
     */
    record Opened(
            SSLEngine engine,
            @Nullable Runnable release,
            boolean isNative,
            Supplier<@Nullable String> applicationProtocol) {}
}
