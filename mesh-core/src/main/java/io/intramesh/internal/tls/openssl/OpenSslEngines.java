package io.intramesh.internal.tls.openssl;

import io.intramesh.internal.tls.engine.TlsBackend.Engines;
import io.intramesh.internal.tls.engine.TlsBackend.Opened;
import io.intramesh.internal.tls.engine.TlsBackend.Wishes;
import io.intramesh.internal.tls.engine.TlsIdentity;
import io.intramesh.internal.tls.engine.TlsLimits;
import io.intramesh.internal.tls.engine.TlsRole;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.ReferenceCountUtil;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Contexts of BoringSSL with one certificate and one trust: one for each list of application protocols, since BoringSSL fixes
 * that list in the context. They are released by a cleaner once nobody can make engines of them any more: a call that was
 * begun before a rotation may still connect under the old certificate, however late. Engines retain their context.
 */
final class OpenSslEngines implements Engines {
    private static final Cleaner CLEANER = Cleaner.create();

    /** A transport uses one or two lists; the bound is against a mistake. */
    private static final int MAX_CONTEXTS = 16;

    /**
     * Sessions that are remembered per context, on a client one for each endpoint. The JDK's default of 20,480 would hold
     * some 100 MB outside the heap.
     */
    private static final int MAX_SESSIONS = 2048;

    /** As the default of Envoy; the newest of BoringSSL, X25519MLKEM768, costs 0.4 ms of a handshake. */
    private static final String[] GROUPS = {"X25519", "P-256", "P-384"};

    /** BoringSSL's own of TLS 1.3 among them, all of them: without any Netty turns TLS 1.3 off, and it warns about a few. */
    private static final List<String> SUITES = Stream.concat(TlsLimits.SUITES_13.stream(), TlsLimits.SUITES_12.stream())
            .toList();

    private final TlsRole role;
    private final @Nullable TlsIdentity identity;
    private final @Nullable X509ExtendedTrustManager trust;
    private final ByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;
    private final Contexts contexts = new Contexts();

    OpenSslEngines(TlsRole role, @Nullable TlsIdentity identity, @Nullable X509ExtendedTrustManager trust) {
        this.role = role;
        this.identity = identity;
        this.trust = trust;
        CLEANER.register(this, contexts::release);
    }

    @Override
    public Opened open(Wishes wishes) throws SSLException {
        try {
            SslContext context = context(wishes.applicationProtocols());
            ReferenceCountedOpenSslEngine engine =
                    (ReferenceCountedOpenSslEngine) context.newEngine(allocator, wishes.host(), wishes.port());
            AtomicBoolean released = new AtomicBoolean();
            Runnable release = () -> {
                if (released.compareAndSet(false, true)) {
                    ReferenceCountUtil.safeRelease(engine);
                }
            };
            try {
                configure(engine, wishes);
            } catch (RuntimeException | Error e) {
                release.run();
                throw e;
            }
            return new Opened(engine, release, true, engine::getNegotiatedApplicationProtocol);
        } finally {
            // Else the cleaner could release the context between its look-up and its use.
            Reference.reachabilityFence(this);
        }
    }

    private void configure(ReferenceCountedOpenSslEngine engine, Wishes wishes) {
        if (!wishes.protocols().equals(TlsLimits.PROTOCOLS)) {
            engine.setEnabledProtocols(wishes.protocols().toArray(String[]::new));
        }
        String serverName = wishes.serverName();
        if (role == TlsRole.CLIENT && serverName != null) {
            // Only on clients: parameters would reset a server's demand for a client certificate.
            SSLParameters parameters = new SSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(serverName)));
            engine.setSSLParameters(parameters);
        }
    }

    SslContext context(List<String> applicationProtocols) throws SSLException {
        synchronized (contexts) {
            SslContext ready = contexts.byProtocols.get(applicationProtocols);
            if (ready != null) {
                return ready;
            }
            if (contexts.byProtocols.size() >= MAX_CONTEXTS) {
                throw new SSLException("application protocols: " + applicationProtocols + " is the "
                        + (MAX_CONTEXTS + 1) + "th list under one certificate (expected: always the same few)");
            }
            SslContext made = make(applicationProtocols);
            contexts.byProtocols.put(applicationProtocols, made);
            return made;
        }
    }

    private SslContext make(List<String> applicationProtocols) throws SSLException {
        SslContextBuilder builder;
        TlsIdentity shown = identity;
        if (role == TlsRole.CLIENT) {
            builder = SslContextBuilder.forClient();
            if (shown != null) {
                builder.keyManager(shown.keyManager());
            }
            // The mesh checks names itself; newer Netty would check the host by default.
            builder.endpointIdentificationAlgorithm(null);
        } else {
            if (shown == null) {
                throw new SSLException("a server without a certificate");
            }
            builder = SslContextBuilder.forServer(shown.keyManager());
            builder.clientAuth(trust == null ? ClientAuth.NONE : ClientAuth.REQUIRE);
        }
        if (trust != null) {
            builder.trustManager(new TellingTrust(trust));
        }
        return builder.sslProvider(SslProvider.OPENSSL_REFCNT)
                .protocols(TlsLimits.PROTOCOLS)
                .ciphers(SUITES, SupportedCipherSuiteFilter.INSTANCE)
                .applicationProtocolConfig(negotiation(applicationProtocols))
                .sessionCacheSize(MAX_SESSIONS)
                .option(OpenSslContextOption.GROUPS, GROUPS)
                .option(OpenSslContextOption.USE_TASKS, false)
                .build();
    }

    private static ApplicationProtocolConfig negotiation(List<String> applicationProtocols) {
        return applicationProtocols.isEmpty()
                ? ApplicationProtocolConfig.DISABLED
                : new ApplicationProtocolConfig(
                        Protocol.ALPN,
                        SelectorFailureBehavior.NO_ADVERTISE,
                        SelectedListenerFailureBehavior.ACCEPT,
                        applicationProtocols);
    }

    /** Apart from the engines, so that the cleaner does not keep them alive. */
    private static final class Contexts {
        // Guarded by this.
        private final Map<List<String>, SslContext> byProtocols = new HashMap<>();

        synchronized void release() {
            byProtocols.values().forEach(ReferenceCountUtil::safeRelease);
            byProtocols.clear();
        }
    }
}
