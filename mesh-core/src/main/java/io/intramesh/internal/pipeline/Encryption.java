package io.intramesh.internal.pipeline;

import static java.util.Objects.requireNonNull;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.call.HealthProber;
import io.intramesh.internal.route.Caller;
import io.intramesh.internal.route.Decision;
import io.intramesh.internal.route.RoutingTable;
import io.intramesh.internal.route.Target;
import io.intramesh.internal.tls.ClientHandle;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.TlsCertificate;
import io.intramesh.model.TlsValidation;
import io.intramesh.tls.ClientTls;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How each call that the own node may make is encrypted: worked out for a configuration once, so that a call looks it up and an
 * attempt reads one field. Immutable, but for what the handles hold. Where nothing is encrypted there is nothing to look up.
 */
final class Encryption {
    /** By virtual service as decisions name it, those alone of which something is encrypted; below by identity of the binding. */
    private final Map<String, IdentityHashMap<Object, Way>> ways;

    /** By identity of the binding; where it is absent, health checks go out in plaintext. */
    private final IdentityHashMap<Object, Way> checks;

    private Encryption(Map<String, IdentityHashMap<Object, Way>> ways, IdentityHashMap<Object, Way> checks) {
        this.ways = ways;
        this.checks = checks;
    }

    /** Gives the live security for what a rule asks for; the same object for the same. On the mesh thread. */
    @FunctionalInterface
    interface Handles {
        ClientHandle client(
                @Nullable TlsCertificate certificate, @Nullable TlsValidation validation, List<String> expectedNames);
    }

    static Encryption of(RoutingTable routing, Caller self, ResourceSet resources, String mesh, Handles handles) {
        Map<String, IdentityHashMap<Object, Way>> ways = new HashMap<>();
        IdentityHashMap<Object, Way> checks = new IdentityHashMap<>();
        // In order of their names: where several virtual services lead to a listener, the choice for its checks is
        // always
        // the same.
        new TreeMap<>(routing.targetsByService(self)).forEach((service, targets) -> {
            IdentityHashMap<Object, Way> ofService = new IdentityHashMap<>();
            List<Target> all = new ArrayList<>(targets);
            // Copies are sent under the virtual service of the call that they are of.
            all.addAll(routing.mirrors());
            for (Target target : all) {
                OutboundTls rule = OutboundTls.of(
                        self.clientPolicyFor(service),
                        self.clientPolicySource(service),
                        target.listener(),
                        target.port(),
                        resources.virtualNode(mesh, target.virtualNode()));
                Way way = Way.of(rule, handles);
                ofService.put(target.binding(), way);
                checks.merge(target.binding(), way, Way::forChecks);
            }
            if (ofService.values().stream().anyMatch(way -> !way.isPlaintext())) {
                ways.put(service, ofService);
            }
        });
        checks.values().removeIf(Way::isPlaintext);
        return new Encryption(ways, checks);
    }

    /** Returns how a call goes out; null means in plaintext. */
    @Nullable
    Way way(Decision decision) {
        return ways.isEmpty()
                ? null
                : way(decision.virtualService(), decision.target().binding());
    }

    /** Returns how calls of a virtual service to a listener go out; null means in plaintext. */
    @Nullable
    Way way(String virtualService, Object binding) {
        IdentityHashMap<Object, Way> ofService = ways.get(virtualService);
        if (ofService == null) {
            return null;
        }
        Way way = ofService.get(binding);
        return way == null ? Way.UNKNOWN : way.isPlaintext() ? null : way;
    }

    /** Returns a prober that checks the endpoints of a listener as its calls go out; null where they must not be sent at all. */
    @Nullable
    HealthProber prober(Object binding, @Nullable HealthProber prober) {
        Way way = checks.get(binding);
        if (way == null || prober == null) {
            return prober;
        }
        ClientHandle handle = way.handle;
        if (handle == null) {
            return null;
        }
        return (endpoint, check, done) -> {
            ClientTls tls = handle.current();
            if (tls == null) {
                done.accept(new HealthProber.Outcome(HealthProber.Outcome.Kind.NO_ANSWER, handle.problem()));
            } else {
                prober.probe(endpoint, check, tls, done);
            }
        };
    }

    /** Returns every handle in use. */
    Set<ClientHandle> handles() {
        Set<ClientHandle> all = Collections.newSetFromMap(new IdentityHashMap<>());
        ways.values()
                .forEach(ofService -> ofService.values().forEach(way -> {
                    if (way.handle != null) {
                        all.add(way.handle);
                    }
                }));
        return all;
    }

    /** What is decided about calls of one virtual service to one listener. */
    static final class Way {
        /** For a listener that no route was known to lead to when this was compiled, which cannot be. */
        private static final Way UNKNOWN =
                new Way(new OutboundTls.Refused("was not expected there; report this as a defect of the mesh"), null);

        private final OutboundTls rule;

        /** Null unless it is encrypted. */
        private final @Nullable ClientHandle handle;

        private Way(OutboundTls rule, @Nullable ClientHandle handle) {
            this.rule = rule;
            this.handle = handle;
        }

        private static Way of(OutboundTls rule, Handles handles) {
            return new Way(
                    rule,
                    rule instanceof OutboundTls.Encrypted tls
                            ? requireNonNull(
                                    handles.client(tls.certificate(), tls.validation(), tls.discoveryNames()), "handle")
                            : null);
        }

        /** Of two ways to the same listener: rather encrypted than not, and rather checked than not sent. */
        private static Way forChecks(Way one, Way other) {
            return other.rank() > one.rank() ? other : one;
        }

        private int rank() {
            if (rule instanceof OutboundTls.Encrypted tls) {
                return tls.validation() == null ? 2 : 3;
            }
            return isPlaintext() ? 1 : 0;
        }

        private boolean isPlaintext() {
            return rule instanceof OutboundTls.Plaintext;
        }

        /** Returns what it is encrypted by; null where it is to be, and cannot be. */
        @Nullable
        ClientHandle handle() {
            return handle;
        }

        /** Refuses a call that cannot go out as it would have to. */
        void check(MeshCall call) throws MeshCallException {
            String problem = "https".equals(call.request().scheme())
                    ? rule.httpsProblem()
                    : rule instanceof OutboundTls.Refused refused ? refused.because() : null;
            if (problem != null) {
                throw new MeshCallException(Reason.PEER_UNTRUSTED, call.where() + " " + problem);
            }
        }

        /** Returns what to encrypt an attempt with. */
        ClientTls forAttempt(MeshCall call) throws MeshCallException {
            ClientTls tls = handle == null ? null : handle.current();
            if (tls == null) {
                throw new MeshCallException(
                        Reason.PEER_UNTRUSTED,
                        Reason.PEER_UNTRUSTED.status(),
                        call.where() + " must be called by TLS, and there is nothing valid to do it with: "
                                + (handle == null ? rule.text() : handle.problem()),
                        call.attempts() > 1,
                        null);
            }
            return tls;
        }
    }
}
