package io.intramesh.internal.pipeline;

import io.intramesh.explain.ExplainRequest;
import io.intramesh.explain.Explanation;
import io.intramesh.internal.route.Caller;
import io.intramesh.internal.tls.ClientHandle;
import io.intramesh.model.ClientPolicy;
import io.intramesh.model.Listener;
import io.intramesh.model.ListenerTls;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.VirtualGateway;
import io.intramesh.model.VirtualNode;
import io.intramesh.tls.ClientTls;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes down how a call is encrypted on its way to each of its targets, by whose word, and with what at the moment. */
final class TlsRules {
    private static final String HTTPS = "https";

    private TlsRules() {}

    /**
     * Returns the explanation of a node's call with what holds for its targets added, where anything about TLS is declared or
     * asked for.
     */
    static Explanation added(
            Explanation explanation, ResourceSet resources, String mesh, Caller caller, ExplainRequest request) {
        String service = explanation.virtualService();
        if (service == null) {
            return explanation;
        }
        boolean isAny = caller.virtualNode() == null;
        return added(
                explanation,
                resources,
                mesh,
                caller.clientPolicyFor(service),
                isAny ? null : caller.clientPolicySource(service),
                HTTPS.equals(request.scheme()));
    }

    /** Returns the explanation of what a gateway sends on with what holds for its targets added. */
    static Explanation addedAtGateway(Explanation explanation, ResourceSet resources, String mesh, String name) {
        VirtualGateway gateway = resources.virtualGateway(mesh, name);
        return added(
                explanation,
                resources,
                mesh,
                gateway == null ? null : gateway.backendDefaults(),
                "virtualGateway '" + name + "' backendDefaults.clientPolicy",
                // How the gateway was called says nothing of how it calls.
                false);
    }

    /** Returns what is in force at the moment for each target that is called by TLS. */
    static List<Explanation.Setting> inForce(Snapshot snapshot, Explanation explanation) {
        List<Explanation.Setting> found = new ArrayList<>();
        String service = explanation.virtualService();
        if (service == null) {
            return found;
        }
        for (Explanation.Target target : explanation.targets()) {
            Integer port = target.port();
            NodeBinding binding =
                    snapshot.bindings().get(new NodeBinding.Key(target.virtualNode(), port == null ? 0 : port));
            Encryption.Way way = binding == null ? null : snapshot.encryption().way(service, binding);
            ClientHandle handle = way == null ? null : way.handle();
            if (handle != null) {
                ClientTls tls = handle.current();
                found.add(new Explanation.Setting(
                        "tls in force" + towards(explanation, target),
                        tls == null
                                ? "nothing valid, calls are refused: " + handle.problem()
                                : "until " + tls.notAfter(),
                        "files and secrets, as read last"));
            }
        }
        return found;
    }

    private static Explanation added(
            Explanation explanation,
            ResourceSet resources,
            String mesh,
            @Nullable ClientPolicy policy,
            @Nullable String source,
            boolean isHttps) {
        List<Explanation.Setting> settings = new ArrayList<>(explanation.settings());
        for (Explanation.Target target : explanation.targets()) {
            VirtualNode callee = resources.virtualNode(mesh, target.virtualNode());
            Listener listener = listener(callee, target.port());
            ListenerTls declared = listener == null ? null : listener.tls();
            if (declared == null && (policy == null || policy.tls() == null) && !isHttps) {
                continue;
            }
            String listens = "virtualNode '" + target.virtualNode() + "'"
                    + (listener == null ? "" : " listener " + listener.port()) + " tls "
                    + (declared == null ? "absent" : declared.mode());
            String name = "tls" + towards(explanation, target);
            settings.add(
                    source == null
                            ? new Explanation.Setting(
                                    name, "as the caller's client policy says; name the caller", listens)
                            : new Explanation.Setting(
                                    name,
                                    text(OutboundTls.of(policy, source, listener, target.port(), callee), isHttps),
                                    (policy == null || policy.tls() == null ? "no client policy" : source) + ", "
                                            + listens));
        }
        return Explained.with(explanation, explanation.targets(), settings);
    }

    private static String text(OutboundTls rule, boolean isHttps) {
        String problem = isHttps ? rule.httpsProblem() : null;
        return problem == null ? rule.text() : "refused: it " + problem;
    }

    private static @Nullable Listener listener(@Nullable VirtualNode callee, @Nullable Integer port) {
        if (callee != null && port != null) {
            for (Listener listener : callee.listeners()) {
                if (listener.port() == port) {
                    return listener;
                }
            }
        }
        return null;
    }

    private static String towards(Explanation explanation, Explanation.Target target) {
        return explanation.targets().size() > 1 ? " towards " + target.virtualNode() : "";
    }
}
