package io.intramesh.internal.document.write;

import io.intramesh.internal.document.write.Tree.Mapping;
import io.intramesh.model.ClientPolicy;
import io.intramesh.model.ConnectionPool;
import io.intramesh.model.HealthCheck;
import io.intramesh.model.Listener;
import io.intramesh.model.ListenerTls;
import io.intramesh.model.OutlierDetection;
import io.intramesh.model.PortMapping;
import io.intramesh.model.Timeouts;
import io.intramesh.model.TlsCertificate;
import io.intramesh.model.TlsTrust;
import io.intramesh.model.TlsValidation;
import org.jspecify.annotations.Nullable;

/** Listeners, and TLS on both ends. */
final class ListenerTree {
    private final Spelling spelling;

    ListenerTree(Spelling spelling) {
        this.spelling = spelling;
    }

    /** Returns the listener of a router, which is a port and nothing else. */
    static Mapping portMapping(PortMapping mapping) {
        return Tree.mapping(
                "portMapping",
                Tree.mapping()
                        .put("port", mapping.port())
                        .put("protocol", mapping.protocol().text())
                        .build());
    }

    Mapping listener(Listener listener) {
        String protocol = listener.protocol().text();
        Tree timeout = timeouts(listener.timeout());
        return Tree.mapping()
                .putAll(portMapping(listener.portMapping()))
                .put("connectionPool", pool(listener.connectionPool()))
                .put("healthCheck", healthCheck(listener.healthCheck()))
                .put("outlierDetection", outlierDetection(listener.outlierDetection()))
                .put("timeout", timeout == null ? null : Tree.mapping(protocol, timeout))
                .put("tls", tls(listener.tls()))
                .build();
    }

    private static @Nullable Tree pool(@Nullable ConnectionPool pool) {
        if (pool == null) {
            return null;
        }
        Tree.Builder limits = Tree.mapping();
        if (pool instanceof ConnectionPool.Http http) {
            boolean unbounded = http.maxPendingRequests() == ConnectionPool.Http.DEFAULT_MAX_PENDING_REQUESTS;
            limits.put("maxConnections", http.maxConnections())
                    .put("maxPendingRequests", unbounded ? null : new Tree.Whole(http.maxPendingRequests()));
        } else if (pool instanceof ConnectionPool.Http2 http2) {
            limits.put("maxRequests", http2.maxRequests());
        } else if (pool instanceof ConnectionPool.Grpc grpc) {
            limits.put("maxRequests", grpc.maxRequests());
        } else {
            limits.put("maxConnections", ((ConnectionPool.Tcp) pool).maxConnections());
        }
        return Tree.mapping(pool.protocol().text(), limits.build());
    }

    private static @Nullable Tree healthCheck(@Nullable HealthCheck check) {
        if (check == null) {
            return null;
        }
        return Tree.mapping()
                .put("protocol", check.protocol().text())
                .put("path", Tree.textOrNull(check.path()))
                .put("port", Tree.wholeOrNull(check.port()))
                .put("healthyThreshold", check.healthyThreshold())
                .put("unhealthyThreshold", check.unhealthyThreshold())
                .put("intervalMillis", Durations.millis(check.interval()))
                .put("timeoutMillis", Durations.millis(check.timeout()))
                .build();
    }

    private static @Nullable Tree outlierDetection(@Nullable OutlierDetection detection) {
        if (detection == null) {
            return null;
        }
        return Tree.mapping()
                .put("maxServerErrors", detection.maxServerErrors())
                .put("interval", Durations.unitAndValue(detection.interval()))
                .put("baseEjectionDuration", Durations.unitAndValue(detection.baseEjectionDuration()))
                .put("maxEjectionPercent", detection.maxEjectionPercent())
                .build();
    }

    static @Nullable Mapping timeouts(@Nullable Timeouts timeouts) {
        if (timeouts == null) {
            return null;
        }
        return Tree.mapping()
                .put("perRequest", Durations.unitAndValueOrNull(timeouts.perRequest()))
                .put("idle", Durations.unitAndValueOrNull(timeouts.idle()))
                .build();
    }

    private @Nullable Tree tls(@Nullable ListenerTls tls) {
        if (tls == null) {
            return null;
        }
        return Tree.mapping()
                .put("mode", tls.mode().name())
                .put("certificate", certificate(tls.certificate()))
                .put("validation", validation(tls.validation()))
                .build();
    }

    Mapping clientPolicy(ClientPolicy policy) {
        ClientPolicy.Tls tls = policy.tls();
        if (tls == null) {
            return Tree.mapping().build();
        }
        return Tree.mapping(
                "tls",
                Tree.mapping()
                        .put("enforce", tls.enforce() ? null : new Tree.Flag(false))
                        .put("ports", Tree.sequenceOrNull(tls.ports(), port -> new Tree.Whole(port)))
                        .put("certificate", certificate(tls.certificate()))
                        .put("validation", validation(tls.validation()))
                        .build());
    }

    @Nullable
    Tree certificate(@Nullable TlsCertificate certificate) {
        if (certificate instanceof TlsCertificate.Acm acm) {
            return Tree.mapping(
                    "acm", Tree.mapping(spelling.member("certificateArn"), Tree.text(acm.certificateArn())));
        }
        if (certificate instanceof TlsCertificate.File file) {
            return Tree.mapping(
                    "file",
                    Tree.mapping()
                            .put("certificateChain", file.certificateChain())
                            .put("privateKey", file.privateKey())
                            .build());
        }
        return certificate instanceof TlsCertificate.Sds sds ? secret(sds.secretName()) : null;
    }

    private @Nullable Tree validation(@Nullable TlsValidation validation) {
        if (validation == null) {
            return null;
        }
        Tree names = Tree.sequenceOrNull(validation.subjectAlternativeNames(), Tree::text);
        return Tree.mapping()
                .put("trust", trust(validation.trust()))
                .put(
                        "subjectAlternativeNames",
                        names == null ? null : Tree.mapping("match", Tree.mapping("exact", names)))
                .build();
    }

    Tree trust(TlsTrust trust) {
        if (trust instanceof TlsTrust.Acm acm) {
            return Tree.mapping(
                    "acm",
                    Tree.mapping(
                            spelling.member("certificateAuthorityArns"),
                            Tree.sequence(acm.certificateAuthorityArns(), Tree::text)));
        }
        if (trust instanceof TlsTrust.File file) {
            return Tree.mapping("file", Tree.mapping("certificateChain", Tree.text(file.certificateChain())));
        }
        return secret(((TlsTrust.Sds) trust).secretName());
    }

    private static Tree secret(String name) {
        return Tree.mapping("sds", Tree.mapping("secretName", Tree.text(name)));
    }
}
