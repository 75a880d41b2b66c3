package io.intramesh.internal.document;

import io.intramesh.document.Problem;
import io.intramesh.document.Problem.Severity;
import io.intramesh.internal.document.DocumentSet.Placed;
import io.intramesh.model.Backend;
import io.intramesh.model.ClientPolicy;
import io.intramesh.model.EndpointSet;
import io.intramesh.model.Kind;
import io.intramesh.model.Listener;
import io.intramesh.model.ListenerTls;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceOverride;
import io.intramesh.model.ResourceOverride.Target;
import io.intramesh.model.ServiceDiscovery;
import io.intramesh.model.TlsCertificate;
import io.intramesh.model.TlsTrust;
import io.intramesh.model.TlsValidation;
import io.intramesh.model.VirtualGateway;
import io.intramesh.model.VirtualNode;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Puts the overrides of a set in force: replaces what exists only in AWS in every resource that one is for, and notes what is
 * left for somebody to decide, once for each resource and part.
 */
final class Overrides {
    /** Separates the two halves of a decision's message; the first begins with what people search for. */
    private static final String DECISION = "needs a decision: ";

    /** What an override can put in place, by the member that does. */
    enum Part {
        SERVICE_DISCOVERY("serviceDiscovery", "Cloud Map"),
        CERTIFICATE("certificate", "certificate of ACM on a listener"),
        LISTENERS("listeners", "certificate of ACM on a listener of such a port"),
        TRUST("trust", "authorities of ACM in a client policy"),
        BACKENDS("backends", "authorities of ACM in the client policy of such a backend");

        private final String member;
        private final String replaces;

        Part(String member, String replaces) {
            this.member = member;
            this.replaces = replaces;
        }

        static List<String> members() {
            return Stream.of(values()).map(part -> part.member).toList();
        }
    }

    /** An override, and what of it had an effect somewhere. */
    private static final class Used {
        private final Placed placed;
        private final ResourceOverride override;
        private final Set<Part> parts = EnumSet.noneOf(Part.class);
        private final boolean isStanding;
        private boolean reached;

        Used(Placed placed, ResourceOverride override, boolean isStanding) {
            this.placed = placed;
            this.override = override;
            this.isStanding = isStanding;
        }

        boolean has(Part part) {
            return switch (part) {
                case SERVICE_DISCOVERY -> override.serviceDiscovery() != null;
                case CERTIFICATE -> override.certificate() != null;
                case LISTENERS -> !override.listeners().isEmpty();
                case TRUST -> override.trust() != null;
                case BACKENDS -> !override.backends().isEmpty();
            };
        }
    }

    private final Map<ResourceId, Placed> placed;
    private final Set<ResourceId> refused;
    private final List<Problem> problems;
    private final Predicate<ServiceDiscovery> isFound;
    private final Map<ResourceId, Used> byTarget = new LinkedHashMap<>();
    private final Set<ResourceId> withEndpoints = new HashSet<>();

    private Overrides(
            Map<ResourceId, Placed> placed,
            Set<ResourceId> refused,
            List<Problem> problems,
            Predicate<ServiceDiscovery> isFound) {
        this.placed = placed;
        this.refused = refused;
        this.problems = problems;
        this.isFound = isFound;
    }

    /**
     * Replaces resources by what the overrides among them make of these, and adds what there is to say to the problems.
     *
     * @param placed resources that are right so far; those that an override is for are replaced
     * @param standing overrides of which no new form can be read, in their last good form
     * @param refused takes the overrides that contradict others
     * @param isFound tells whether endpoints of that discovery are found as it is written
     * @return the overrides in force
     */
    static Map<ResourceId, Placed> apply(
            Map<ResourceId, Placed> placed,
            List<Placed> standing,
            Set<ResourceId> refused,
            List<Problem> problems,
            Predicate<ServiceDiscovery> isFound) {
        Overrides overrides = new Overrides(placed, refused, problems, isFound);
        overrides.collect(standing);
        overrides.replace();
        overrides.reportIdle();
        return overrides.inForce();
    }

    // Which override is for which resource.

    private void collect(List<Placed> standing) {
        for (Placed each : placed.values()) {
            if (each.resource() instanceof EndpointSet endpoints) {
                withEndpoints.add(
                        ResourceId.of(Kind.VIRTUAL_NODE, endpoints.id().mesh(), endpoints.virtualNode()));
            }
            if (each.resource() instanceof ResourceOverride override && !refused.contains(override.id())) {
                collect(each, override);
            }
        }
        for (Placed each : standing) {
            ResourceOverride override = (ResourceOverride) each.resource();
            byTarget.putIfAbsent(target(override), new Used(each, override, true));
        }
    }

    private static ResourceId target(ResourceOverride override) {
        return override.target().in(override.id().mesh());
    }

    private void collect(Placed each, ResourceOverride override) {
        Used earlier = byTarget.putIfAbsent(target(override), new Used(each, override, false));
        if (earlier != null) {
            refused.add(override.id());
            add(
                    each.draft(),
                    "targetRef",
                    Severity.ERROR,
                    inWords(override.target()) + " has an Override already, at "
                            + earlier.placed.draft().origin() + "; put both into one");
        }
    }

    private @Nullable Used overrideFor(ResourceId id) {
        Used own = byTarget.get(id);
        return own != null ? own : byTarget.get(ResourceId.of(id.kind(), id.mesh(), Target.EVERY_NAME));
    }

    private void replace() {
        for (Map.Entry<ResourceId, Placed> entry : placed.entrySet()) {
            Placed each = entry.getValue();
            if (each.resource() instanceof VirtualNode node) {
                Replacement replacement = new Replacement(each, overrideFor(node.id()));
                entry.setValue(new Placed(each.draft(), replacement.of(node)));
                replacement.reportOpen();
            } else if (each.resource() instanceof VirtualGateway gateway) {
                Replacement replacement = new Replacement(each, overrideFor(gateway.id()));
                entry.setValue(new Placed(each.draft(), replacement.of(gateway)));
                replacement.reportOpen();
            }
        }
    }

    // What an override makes of one resource.

    /** A part of a resource that exists only in AWS and that nobody decided on. */
    private record Open(String path, Object value, int count) {
        Open oneMore() {
            return new Open(path, value, count + 1);
        }
    }

    /** Goes through one resource. */
    private final class Replacement {
        private final Placed each;
        private final @Nullable Used used;
        private final Map<Part, Open> open = new EnumMap<>(Part.class);

        Replacement(Placed each, @Nullable Used used) {
            this.each = each;
            this.used = used;
            if (used != null) {
                used.reached = true;
            }
        }

        VirtualNode of(VirtualNode node) {
            List<Backend> backends = new ArrayList<>(node.backends().size());
            for (int i = 0; i < node.backends().size(); i++) {
                Backend backend = node.backends().get(i);
                backends.add(new Backend(
                        backend.virtualServiceName(),
                        policy(
                                backend.clientPolicy(),
                                "backends[" + i + "].virtualService",
                                backend.virtualServiceName())));
            }
            VirtualNode replaced = node.toBuilder()
                    .listeners(listeners(node.listeners()))
                    .serviceDiscovery(discovery(node))
                    .backends(backends)
                    .backendDefaults(policy(node.backendDefaults(), "backendDefaults", null))
                    .build();
            return replaced.equals(node) ? node : replaced;
        }

        VirtualGateway of(VirtualGateway gateway) {
            return new VirtualGateway(
                    gateway.id(),
                    listeners(gateway.listeners()),
                    policy(gateway.backendDefaults(), "backendDefaults", null),
                    gateway.accessLog());
        }

        private @Nullable ServiceDiscovery discovery(VirtualNode node) {
            if (!(node.serviceDiscovery() instanceof ServiceDiscovery.CloudMap cloudMap)) {
                return node.serviceDiscovery();
            }
            ServiceDiscovery.Dns dns = used == null ? null : used.override.discoveryFor(node.name(), cloudMap);
            if (used != null && dns != null) {
                used.parts.add(Part.SERVICE_DISCOVERY);
                return dns;
            }
            // Written addresses are a decision too, and so is a source that was installed for it.
            if (!withEndpoints.contains(node.id()) && !isFound.test(cloudMap)) {
                open(Part.SERVICE_DISCOVERY, "serviceDiscovery.awsCloudMap", cloudMap);
            }
            return cloudMap;
        }

        private List<Listener> listeners(List<Listener> listeners) {
            List<Listener> replaced = new ArrayList<>(listeners.size());
            for (int i = 0; i < listeners.size(); i++) {
                Listener listener = listeners.get(i);
                ListenerTls tls = listener.tls();
                if (tls != null && tls.certificate() instanceof TlsCertificate.Acm acm) {
                    TlsCertificate certificate = certificate(acm, tls.mode(), listener.port(), i);
                    listener = listener.toBuilder()
                            .tls(new ListenerTls(tls.mode(), certificate, tls.validation()))
                            .build();
                }
                replaced.add(listener);
            }
            return replaced;
        }

        private TlsCertificate certificate(TlsCertificate.Acm acm, ListenerTls.Mode mode, int port, int index) {
            TlsCertificate certificate = used == null ? null : used.override.certificateFor(port);
            if (used != null && certificate != null) {
                boolean ofPort = used.override.listeners().stream().anyMatch(listener -> listener.port() == port);
                used.parts.add(ofPort ? Part.LISTENERS : Part.CERTIFICATE);
                return certificate;
            }
            if (mode != ListenerTls.Mode.DISABLED) { // Nobody is shown the certificate of plaintext.
                open(Part.CERTIFICATE, "listeners[" + index + "].tls.certificate.acm", acm);
            }
            return acm;
        }

        private @Nullable ClientPolicy policy(
                @Nullable ClientPolicy policy, String holder, @Nullable String virtualService) {
            ClientPolicy.Tls tls = policy == null ? null : policy.tls();
            if (tls == null || !(tls.validation().trust() instanceof TlsTrust.Acm acm)) {
                return policy;
            }
            TlsTrust trust = used == null ? null : used.override.trustFor(virtualService);
            if (used == null || trust == null) {
                open(Part.TRUST, holder + ".clientPolicy.tls.validation.trust.acm", acm);
                return policy;
            }
            boolean ofBackend = used.override.backends().stream()
                    .anyMatch(backend -> backend.virtualService().equals(virtualService));
            used.parts.add(ofBackend ? Part.BACKENDS : Part.TRUST);
            TlsValidation validation = new TlsValidation(trust, tls.validation().subjectAlternativeNames());
            return new ClientPolicy(new ClientPolicy.Tls(tls.enforce(), tls.ports(), tls.certificate(), validation));
        }

        private void open(Part part, String path, Object value) {
            Open first = open.get(part);
            open.put(part, first == null ? new Open(path, value, 1) : first.oneMore());
        }

        /** Adds the notes: one for each part, at the first of its places. */
        void reportOpen() {
            open.forEach((part, what) -> add(each.draft(), what.path(), Severity.NOTE, decision(part, what)));
        }

        private String decision(Part part, Open what) {
            String more = what.count() == 1 ? "" : " (and at " + (what.count() - 1) + " more of its places)";
            return DECISION
                    + switch (part) {
                        case SERVICE_DISCOVERY -> cloudMap((ServiceDiscovery.CloudMap) what.value());
                        case CERTIFICATE, LISTENERS ->
                            "the certificate " + Words.quote(((TlsCertificate.Acm) what.value()).certificateArn())
                                    + " is kept by ACM" + more
                                    + "; take PEM files ('aws acm export-certificate' gives them) or a SPIFFE secret of SDS:"
                                    + " certificate.file or certificate.sds in " + place();
                        case TRUST, BACKENDS ->
                            "the authority "
                                    + Words.quote(((TlsTrust.Acm) what.value())
                                            .certificateAuthorityArns()
                                            .get(0))
                                    + " is kept by AWS Private CA" + more
                                    + "; take a PEM file with its certificate ('aws acm-pca"
                                    + " get-certificate-authority-certificate' gives it) or a bundle of SDS: trust.file or"
                                    + " trust.sds in " + place();
                    };
        }

        private String cloudMap(ServiceDiscovery.CloudMap cloudMap) {
            String host = cloudMap.name();
            String apart = cloudMap.attributes().isEmpty()
                    ? ""
                    : ", and does not tell the attributes apart: "
                            + Words.shorten(String.join(
                                    ", ",
                                    cloudMap.attributes().keySet().stream()
                                            .sorted()
                                            .toList()));
            return "the instances of " + Words.quote(host)
                    + " are kept by AWS Cloud Map; put the module mesh-discovery-cloudmap beside the service, which asks"
                    + " there, attributes included; or take that name by DNS (works for DNS namespaces" + apart
                    + "): serviceDiscovery.dns in " + place() + "; or write the addresses into an Endpoints document";
        }

        private String place() {
            if (used != null && !used.override.target().isEvery()) {
                return "the Override at " + used.placed.draft().origin();
            }
            ResourceId id = each.resource().id();
            return "an Override for " + id.kind().documentName() + " " + Words.quote(id.name());
        }
    }

    // Overrides that change nothing.

    private void reportIdle() {
        for (Used used : byTarget.values()) {
            if (used.isStanding) {
                continue; // Its places are those of a text that is gone.
            }
            Target target = used.override.target();
            ResourceId id = target.in(used.override.id().mesh());
            Draft draft = used.placed.draft();
            if (!used.reached) {
                if (!refused.contains(id)) {
                    add(draft, "targetRef", Severity.NOTE, unreached(target, id));
                }
                continue;
            }
            for (Part part : Part.values()) {
                if (used.has(part) && !used.parts.contains(part)) {
                    add(
                            draft,
                            part.member,
                            Severity.NOTE,
                            "replaces nothing, since " + inWords(target) + " has no " + part.replaces + "; remove it");
                }
            }
        }
    }

    private Map<ResourceId, Placed> inForce() {
        Map<ResourceId, Placed> inForce = new HashMap<>();
        byTarget.values().forEach(used -> inForce.put(used.override.id(), used.placed));
        return inForce;
    }

    private static String unreached(Target target, ResourceId id) {
        return target.isEvery()
                ? "no " + target.kind().documentName()
                        + " without an Override of its own is here; it may live elsewhere, else remove this"
                : id + " is not here; it may live elsewhere, else check the name";
    }

    private static String inWords(Target target) {
        return target.isEvery()
                ? "every " + target.kind().documentName()
                : target.kind().term() + " " + Words.quote(target.name());
    }

    private void add(Draft draft, String path, Severity severity, String message) {
        String full = draft.pathOf(path);
        problems.add(new Problem(draft.placeOf(full), full, severity, message));
    }
}
