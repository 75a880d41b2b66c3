package io.intramesh.internal.document;

import io.intramesh.model.Kind;
import io.intramesh.model.PortMapping;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceOverride;
import io.intramesh.model.ResourceOverride.BackendTrust;
import io.intramesh.model.ResourceOverride.ListenerCertificate;
import io.intramesh.model.ServiceDiscovery;
import io.intramesh.model.TlsCertificate;
import io.intramesh.model.TlsTrust;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Binds what takes the place of parts that exist only in AWS. */
final class OverrideBinder {
    private static final Kind[] TARGETS = {Kind.VIRTUAL_NODE, Kind.VIRTUAL_GATEWAY};

    private OverrideBinder() {}

    static @Nullable Function<ResourceId, Resource> override(Fields spec) {
        for (String part : Overrides.Part.members()) {
            spec.keepPlace(part);
        }
        ResourceOverride.Target target = target(spec);
        ServiceDiscovery.Dns discovery = discovery(spec);
        TlsCertificate certificate = certificate(spec.object("certificate"));
        Set<Object> seen = new HashSet<>();
        List<ListenerCertificate> listeners =
                spec.list("listeners", 1, Integer.MAX_VALUE, spec.objects(item -> listener(item, seen)));
        TlsTrust trust = trust(spec.object("trust"));
        List<BackendTrust> backends =
                spec.list("backends", 1, Integer.MAX_VALUE, spec.objects(item -> backend(item, seen)));
        if (target != null && target.kind() == Kind.VIRTUAL_GATEWAY) {
            refuseAtGateway(spec, "serviceDiscovery");
            refuseAtGateway(spec, "backends");
        }
        if (Overrides.Part.members().stream().noneMatch(spec::has)) {
            spec.error("none of " + Words.allOf(Overrides.Part.members())
                    + " stands here (expected: at least one); add it, or remove this document");
        }
        if (target == null || spec.context().problems().hasErrors()) {
            return null;
        }
        return id -> new ResourceOverride(id, target, discovery, certificate, listeners, trust, backends);
    }

    private static ResourceOverride.@Nullable Target target(Fields spec) {
        Fields fields = spec.keepPlace("targetRef").requiredObject("targetRef");
        if (fields == null) {
            return null;
        }
        Kind kind = fields.requiredChoice("kind", TARGETS, Kind::documentName);
        String name = fields.requiredName("name");
        fields.end();
        return kind == null || name == null ? null : new ResourceOverride.Target(kind, name);
    }

    private static ServiceDiscovery.@Nullable Dns discovery(Fields spec) {
        Fields union = spec.object("serviceDiscovery");
        if (union == null) {
            return null;
        }
        Fields fields = union.requiredObject("dns");
        union.end();
        if (fields == null) {
            return null;
        }
        ServiceDiscovery.Dns dns = NodeBinder.dns(fields);
        fields.end();
        String reason = dns == null ? null : ResourceOverride.whyNotTemplate(dns.hostname());
        if (reason != null) {
            fields.error("hostname", reason);
        }
        return dns;
    }

    private static @Nullable ListenerCertificate listener(Fields fields, Set<Object> seen) {
        Integer port = fields.requiredInteger("port", 1, PortMapping.MAX_PORT);
        TlsCertificate certificate = certificate(fields.requiredObject("certificate"));
        fields.end();
        if (port != null && !seen.add(port)) {
            fields.error("port", port + " stands here twice; remove one");
        }
        return port == null || certificate == null ? null : new ListenerCertificate(port, certificate);
    }

    private static @Nullable BackendTrust backend(Fields fields, Set<Object> seen) {
        String service = fields.requiredServiceName("virtualService", Integer.MAX_VALUE);
        TlsTrust trust = trust(fields.requiredObject("trust"));
        fields.end();
        if (service != null && !seen.add(service)) {
            fields.error("virtualService", "the backend " + Words.quote(service) + " stands here twice; remove one");
        }
        return service == null || trust == null ? null : new BackendTrust(service, trust);
    }

    private static @Nullable TlsCertificate certificate(@Nullable Fields union) {
        return union == null ? null : TlsBinder.certificate(union, "file", "sds");
    }

    private static @Nullable TlsTrust trust(@Nullable Fields union) {
        return union == null ? null : TlsBinder.trust(union, "file", "sds");
    }

    private static void refuseAtGateway(Fields spec, String member) {
        if (spec.has(member)) {
            spec.error(member, "of a virtual gateway, which has none (expected: only of a VirtualNode); remove it");
        }
    }
}
