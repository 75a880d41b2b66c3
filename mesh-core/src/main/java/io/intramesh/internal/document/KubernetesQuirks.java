package io.intramesh.internal.document;

import io.intramesh.internal.document.MappingNode.Entry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What manifests write otherwise than the API wherever it stands: the ARNs of certificates, and slips that the controller let
 * pass, which are taken as meant or left out, with a note.
 */
final class KubernetesQuirks {
    private final boolean v1beta1;
    private final Context context;

    KubernetesQuirks(boolean v1beta1, Context context) {
        this.v1beta1 = v1beta1;
        this.context = context;
    }

    MappingNode smoothed(MappingNode mapping, Path path) {
        List<Entry> entries = new ArrayList<>(mapping.entries().size());
        boolean changed = false;
        for (Entry entry : mapping.entries()) {
            Path valuePath = path.member(entry.key());
            Node value = smoothed(entry.value(), valuePath);
            if (value instanceof MappingNode inner) {
                value = switch (entry.key()) {
                    case "acm" -> certificates(inner, valuePath);
                    case "dns" -> hostname(inner, valuePath);
                    case "clientPolicy" -> KubernetesTree.at(inner, valuePath, this::withoutMode, "tls");
                    default -> inner;
                };
            }
            changed |= value != entry.value();
            entries.add(new Entry(entry.key(), entry.keyMark(), value));
        }
        return changed ? new MappingNode(mapping.mark(), mapping.tag(), List.copyOf(entries)) : mapping;
    }

    private Node smoothed(Node node, Path path) {
        return node instanceof MappingNode mapping
                ? smoothed(mapping, path)
                : KubernetesTree.each(node, path, this::smoothed);
    }

    private MappingNode certificates(MappingNode acm, Path path) {
        return renamed(
                renamed(acm, "certificateARN", "certificateArn", path),
                "certificateAuthorityARNs",
                "certificateAuthorityArns",
                path);
    }

    /** Renames a member to what the API calls it, which v1beta2 does not know. */
    private MappingNode renamed(MappingNode mapping, String written, String apiName, Path path) {
        Entry api = mapping.entry(apiName);
        if (api != null && mapping.has(apiName) && (!v1beta1 || mapping.has(written))) {
            // Reported under the name that stands there; the spelling of the path would show the right one.
            context.problems()
                    .error(
                            api.keyMark(),
                            path.spelled(Spelling.API).member(apiName),
                            "unknown member '" + apiName + "'; did you mean '" + written + "'?");
        }
        if (!mapping.has(written)) {
            return mapping;
        }
        List<Entry> entries = new ArrayList<>();
        for (Entry entry : mapping.entries()) {
            if (entry.key().equals(written)) {
                entries.add(new Entry(apiName, entry.keyMark(), entry.value()));
            } else if (!entry.key().equals(apiName)) {
                entries.add(entry);
            }
        }
        return new MappingNode(mapping.mark(), mapping.tag(), List.copyOf(entries));
    }

    private MappingNode hostname(MappingNode dns, Path path) {
        Entry misspelled = dns.entry("hostName");
        if (misspelled == null || !dns.has("hostName")) {
            return dns;
        }
        if (dns.has("hostname")) {
            context.problems()
                    .error(
                            misspelled.keyMark(),
                            path.spelled(Spelling.API).member("hostName"),
                            "together with hostname (expected: only one of hostname and hostName); remove one");
        } else if (!v1beta1) {
            context.problems()
                    .note(
                            misspelled.keyMark(),
                            path.spelled(Spelling.API).member("hostName"),
                            "a misspelling of 'hostname', taken as that; rename it");
        }
        List<Entry> entries = new ArrayList<>();
        for (Entry entry : dns.entries()) {
            if (!entry.key().equals("hostname")) {
                String key = entry.key().equals("hostName") ? "hostname" : entry.key();
                entries.add(new Entry(key, entry.keyMark(), entry.value()));
            }
        }
        return new MappingNode(dns.mark(), dns.tag(), List.copyOf(entries));
    }

    /** Published examples write the mode of a listener into a client's policy, where nothing ever read it. */
    private Node withoutMode(Node tls, Path path) {
        if (!(tls instanceof MappingNode mapping) || !mapping.has("mode")) {
            return tls;
        }
        return KubernetesTree.with(mapping, "mode", this::leftOut, path);
    }

    /** Leaves a member out that never had an effect. */
    @Nullable
    Node leftOut(Node value, Path path) {
        context.problems().note(value.mark(), path, "has no effect here, and had none in App Mesh; remove it");
        return null;
    }
}
