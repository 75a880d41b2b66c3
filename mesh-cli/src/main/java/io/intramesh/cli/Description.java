package io.intramesh.cli;

import io.intramesh.document.Origin;
import io.intramesh.document.Problem;
import io.intramesh.document.ReadResult;
import io.intramesh.model.AccessPolicy;
import io.intramesh.model.Backend;
import io.intramesh.model.EndpointSet;
import io.intramesh.model.GatewayRoute;
import io.intramesh.model.Kind;
import io.intramesh.model.MeshResource;
import io.intramesh.model.PortMapping;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceOverride;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.Route;
import io.intramesh.model.TargetRef;
import io.intramesh.model.TrafficPolicy;
import io.intramesh.model.VirtualGateway;
import io.intramesh.model.VirtualNode;
import io.intramesh.model.VirtualRouter;
import io.intramesh.model.VirtualService;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Everything that one wants to know about a resource: where it is written, what holds for it, what it leads to, what leads to
 * it, and what is wrong with it.
 *
 * @param origin null where it is not known
 * @param isRefused whether it is written down, but refused: then only its problems are known
 * @param settings effective, defaults included
 * @param leadsTo in the order in which it counts
 * @param ledFrom likewise
 * @param decisions what somebody has to decide
 * @param problems errors and notes of it, decisions apart
 */
record Description(
        ResourceId id,
        @Nullable Origin origin,
        boolean isRefused,
        List<Setting> settings,
        List<Relation> leadsTo,
        List<Relation> ledFrom,
        List<Problem> decisions,
        List<Problem> problems) {
    private static final String DECISION = "needs a decision";

    private static final Comparator<Origin> BY_PLACE =
            Comparator.comparingInt(Origin::line).thenComparingInt(Origin::column);

    /**
     * A relation to another resource.
     *
     * @param name of the other; of a route with its router, as {@code payments/beta}
     * @param isThere whether the other is among the resources
     * @param words how they are related
     */
    record Relation(Kind kind, String name, boolean isThere, String words) {}

    /** Describes a resource, which is there or refused. */
    static Description of(ResourceId id, ReadResult result) {
        List<Problem> all = problemsOf(id, result);
        List<Problem> decisions = all.stream()
                .filter(problem -> problem.message().contains(DECISION))
                .toList();
        List<Problem> problems =
                all.stream().filter(problem -> !decisions.contains(problem)).toList();
        Resource resource = result.resources().get(id);
        Origin origin = result.origins().get(id);
        if (resource == null) {
            return new Description(id, origin, true, List.of(), List.of(), List.of(), decisions, problems);
        }
        Finding finding = new Finding(result.resources(), id.mesh());
        finding.describe(resource);
        return new Description(
                id, origin, false, finding.settings, finding.leadsTo, finding.ledFrom, decisions, problems);
    }

    /** Returns how people call a resource: a route by its router. */
    static String name(ResourceId id) {
        return id.parent() == null ? id.name() : id.parent() + "/" + id.name();
    }

    // A problem is that of the resource that begins last before it.
    private static List<Problem> problemsOf(ResourceId id, ReadResult result) {
        Origin own = result.origins().get(id);
        if (own == null) {
            return List.of();
        }
        Origin next = result.origins().values().stream()
                .filter(origin -> origin.file().equals(own.file()) && BY_PLACE.compare(origin, own) > 0)
                .min(BY_PLACE)
                .orElse(null);
        return result.problems().stream()
                .filter(problem -> problem.origin().file().equals(own.file())
                        && BY_PLACE.compare(problem.origin(), own) >= 0
                        && (next == null || BY_PLACE.compare(problem.origin(), next) < 0))
                .toList();
    }

    /** Finds what there is to say about one resource. */
    private static final class Finding {
        private final ResourceSet resources;
        private final String mesh;
        private List<Setting> settings = List.of();
        private final List<Relation> leadsTo = new ArrayList<>();
        private final List<Relation> ledFrom = new ArrayList<>();

        Finding(ResourceSet resources, String mesh) {
            this.resources = resources;
            this.mesh = mesh;
        }

        void describe(Resource resource) {
            if (resource instanceof MeshResource found) {
                mesh(found);
            } else if (resource instanceof VirtualNode node) {
                node(node);
            } else if (resource instanceof VirtualService service) {
                service(service);
            } else if (resource instanceof VirtualRouter router) {
                router(router);
            } else if (resource instanceof Route route) {
                route(route);
            } else if (resource instanceof VirtualGateway gateway) {
                gateway(gateway);
            } else if (resource instanceof GatewayRoute route) {
                gatewayRoute(route);
            } else {
                own(resource);
            }
            attached(resource.id());
        }

        private void mesh(MeshResource found) {
            settings = Settings.of(found);
            for (Kind kind : Kind.values()) {
                List<String> names = in(kind).map(other -> name(other.id())).toList();
                if (kind != Kind.MESH && !names.isEmpty()) {
                    leadsTo.add(new Relation(kind, String.join(", ", names), true, names.size() + " in this mesh"));
                }
            }
        }

        private void node(VirtualNode node) {
            settings = Settings.of(node, resources.mesh(mesh));
            for (Backend backend : node.backends()) {
                String own = backend.clientPolicy() == null ? "" : ", by " + Settings.words(backend.clientPolicy());
                leadsTo.add(serviceNamed(backend.virtualServiceName(), "may call it" + own));
            }
            in(Kind.VIRTUAL_SERVICE)
                    .map(VirtualService.class::cast)
                    .filter(service -> service.provider() instanceof VirtualService.Provider.Node provider
                            && provider.name().equals(node.name()))
                    .forEach(service -> ledFrom.add(there(service.id(), "sends it everything")));
            for (String router : routers()) {
                for (Way way : Way.ofRouter(resources, mesh, router)) {
                    shareOf(way, node.name())
                            .ifPresent(share -> ledFrom.add(there(
                                    way.id(),
                                    way.match() + " sends it " + share
                                            + called(router)
                                                    .map(names -> " (" + names + ")")
                                                    .orElse(""))));
                }
            }
            callersOf(node);
        }

        private Optional<String> shareOf(Way way, String node) {
            if (!(resources.get(way.id()) instanceof Route route)) {
                return Optional.empty();
            }
            List<String> shares = route.spec().weightedTargets().stream()
                    .filter(target -> target.virtualNode().equals(node))
                    .map(target -> {
                        String name = Shares.name(target, resources.virtualNode(mesh, node));
                        String port =
                                name.length() == node.length() ? "" : " on port " + name.substring(node.length() + 1);
                        return Shares.text(way.shares().percent(name)) + port;
                    })
                    .distinct()
                    .toList();
            return shares.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", shares));
        }

        private Optional<String> called(String router) {
            String names = servicesOf(router).collect(Collectors.joining(", "));
            return names.isEmpty() ? Optional.empty() : Optional.of(names);
        }

        private Stream<String> servicesOf(String router) {
            return in(Kind.VIRTUAL_SERVICE)
                    .map(VirtualService.class::cast)
                    .filter(service -> service.provider() instanceof VirtualService.Provider.Router provider
                            && provider.name().equals(router))
                    .map(VirtualService::name);
        }

        // Who lists a service that leads here.
        private void callersOf(VirtualNode node) {
            Map<String, List<String>> services = new TreeMap<>();
            in(Kind.VIRTUAL_SERVICE)
                    .map(VirtualService.class::cast)
                    .filter(service -> leads(service, node.name()))
                    .forEach(service -> in(Kind.VIRTUAL_NODE)
                            .map(VirtualNode.class::cast)
                            .filter(caller -> declares(caller, service.name()))
                            .forEach(caller -> services.computeIfAbsent(caller.name(), none -> new ArrayList<>())
                                    .add(service.name())));
            services.forEach((caller, called) -> ledFrom.add(
                    there(ResourceId.of(Kind.VIRTUAL_NODE, mesh, caller), "declares " + String.join(", ", called))));
        }

        private boolean leads(VirtualService service, String node) {
            if (service.provider() instanceof VirtualService.Provider.Node provider) {
                return provider.name().equals(node);
            }
            return service.provider() instanceof VirtualService.Provider.Router router
                    && resources.routes(mesh, router.name()).stream()
                            .flatMap(route -> route.spec().weightedTargets().stream())
                            .anyMatch(target ->
                                    target.weight() > 0 && target.virtualNode().equals(node));
        }

        private static boolean declares(VirtualNode node, String service) {
            return node.backends().stream()
                    .anyMatch(backend -> backend.virtualServiceName().equalsIgnoreCase(service));
        }

        private void service(VirtualService service) {
            VirtualService.Provider provider = service.provider();
            settings = List.of(
                    new Setting("provider", Provided.words(provider), false),
                    new Setting("ports", ports(Provided.listeners(resources, mesh, provider)), false));
            if (provider instanceof VirtualService.Provider.Node) {
                leadsTo.add(nodeNamed(provider.name(), "gets everything, with 15 s per request"));
            } else if (provider != null) {
                leadsTo.add(
                        related(ResourceId.of(Kind.VIRTUAL_ROUTER, mesh, provider.name()), "decides by its routes"));
                ways(provider.name());
            }
            in(Kind.VIRTUAL_NODE)
                    .map(VirtualNode.class::cast)
                    .filter(node -> declares(node, service.name()))
                    .forEach(node -> ledFrom.add(there(node.id(), "may call it")));
            in(Kind.GATEWAY_ROUTE)
                    .map(GatewayRoute.class::cast)
                    .filter(route -> route.spec().target().virtualServiceName().equalsIgnoreCase(service.name()))
                    .forEach(route -> ledFrom.add(there(route.id(), Match.of(route.spec()) + " sends it everything")));
        }

        private void router(VirtualRouter router) {
            settings = List.of(new Setting(
                    "listeners", ports(router.listeners()), router.listeners().isEmpty()));
            ways(router.name());
            in(Kind.VIRTUAL_SERVICE)
                    .map(VirtualService.class::cast)
                    .filter(service -> service.provider() instanceof VirtualService.Provider.Router provider
                            && provider.name().equals(router.name()))
                    .forEach(service -> ledFrom.add(there(service.id(), "is decided by it")));
        }

        private void ways(String router) {
            int place = 0;
            for (Way way : Way.ofRouter(resources, mesh, router)) {
                leadsTo.add(there(way.id(), ++place + ". " + way.match() + " → " + way.goesTo()));
            }
        }

        private void route(Route route) {
            Way way = Way.ofRouter(resources, mesh, route.virtualRouter()).stream()
                    .filter(each -> each.id().equals(route.id()))
                    .findFirst()
                    .orElseThrow();
            List<Setting> all = new ArrayList<>(placed(way, Way.ofRouter(resources, mesh, route.virtualRouter())));
            all.addAll(way.settings());
            settings = all;
            route.spec().weightedTargets().forEach(target -> {
                String name = Shares.name(target, resources.virtualNode(mesh, target.virtualNode()));
                String port = target.port() == null ? "" : " on port " + target.port();
                leadsTo.add(nodeNamed(
                        target.virtualNode(), "gets " + Shares.text(way.shares().percent(name)) + port));
            });
            ledFrom.add(related(ResourceId.of(Kind.VIRTUAL_ROUTER, mesh, route.virtualRouter()), "holds it"));
            servicesOf(route.virtualRouter())
                    .forEach(service -> ledFrom.add(
                            there(ResourceId.of(Kind.VIRTUAL_SERVICE, mesh, service), "is decided by its router")));
        }

        private static List<Setting> placed(Way way, List<Way> all) {
            Integer priority = way.priority();
            String place = all.indexOf(way) + 1 + ". of " + all.size();
            return List.of(
                    new Setting("match", way.match().toString(), false),
                    new Setting(
                            "priority", priority == null ? "after all numbers" : priority.toString(), priority == null),
                    new Setting("order", "tried as the " + place, false));
        }

        private void gateway(VirtualGateway gateway) {
            settings = Settings.of(gateway);
            int place = 0;
            for (Way way : Way.ofGateway(resources, mesh, gateway.name())) {
                leadsTo.add(there(way.id(), ++place + ". " + way.match() + " → " + way.goesTo()));
            }
        }

        private void gatewayRoute(GatewayRoute route) {
            List<Way> ways = Way.ofGateway(resources, mesh, route.virtualGateway());
            Way way = ways.stream()
                    .filter(each -> each.id().equals(route.id()))
                    .findFirst()
                    .orElseThrow();
            List<Setting> all = new ArrayList<>(placed(way, ways));
            all.addAll(way.settings());
            settings = all;
            Integer port = route.spec().target().port();
            leadsTo.add(serviceNamed(
                    route.spec().target().virtualServiceName(),
                    "gets everything" + (port == null ? "" : " on port " + port)));
            ledFrom.add(related(ResourceId.of(Kind.VIRTUAL_GATEWAY, mesh, route.virtualGateway()), "holds it"));
        }

        private void own(Resource resource) {
            if (resource instanceof EndpointSet set) {
                settings = Settings.of(set);
                leadsTo.add(nodeNamed(set.virtualNode(), "is found there"));
            } else if (resource instanceof TrafficPolicy policy) {
                settings = Settings.of(policy);
                leadsTo.add(related(policy.targetRef().in(mesh), "is what it holds for"));
            } else if (resource instanceof AccessPolicy policy) {
                settings = Settings.of(policy);
                leadsTo.add(related(policy.targetRef().in(mesh), "is what it holds for"));
            } else if (resource instanceof ResourceOverride override) {
                settings = Settings.of(override);
                leadsTo.add(
                        override.target().isEvery()
                                ? new Relation(
                                        override.target().kind(), "*", true, "each without an override of its own")
                                : related(override.target().in(mesh), "is what it holds for"));
            }
        }

        private void attached(ResourceId id) {
            in(Kind.ENDPOINTS)
                    .map(EndpointSet.class::cast)
                    .filter(set -> id.equals(ResourceId.of(Kind.VIRTUAL_NODE, mesh, set.virtualNode())))
                    .forEach(set -> ledFrom.add(there(set.id(), "says where it is: " + Settings.words(List.of(set)))));
            in(Kind.TRAFFIC_POLICY)
                    .map(TrafficPolicy.class::cast)
                    .filter(policy -> isFor(policy.targetRef(), id))
                    .forEach(policy -> ledFrom.add(there(policy.id(), "holds for it")));
            in(Kind.ACCESS_POLICY)
                    .map(AccessPolicy.class::cast)
                    .filter(policy -> isFor(policy.targetRef(), id))
                    .forEach(policy -> ledFrom.add(there(policy.id(), "holds for it")));
            in(Kind.OVERRIDE)
                    .map(ResourceOverride.class::cast)
                    .filter(override -> override.target().kind() == id.kind()
                            && (override.target().isEvery()
                                    || override.target().name().equals(id.name())))
                    .forEach(override -> ledFrom.add(there(override.id(), "replaces what exists only in AWS")));
        }

        private boolean isFor(TargetRef target, ResourceId id) {
            return target.in(mesh).equals(id);
        }

        private Stream<Resource> in(Kind kind) {
            return resources.ofKind(kind).stream()
                    .filter(resource -> resource.id().mesh().equals(mesh))
                    .sorted(Comparator.comparing(resource -> name(resource.id())));
        }

        private List<String> routers() {
            return in(Kind.ROUTE)
                    .map(route -> String.valueOf(route.id().parent()))
                    .distinct()
                    .toList();
        }

        private static String ports(List<PortMapping> ports) {
            return ports.isEmpty()
                    ? "any"
                    : ports.stream()
                            .map(port -> port.port() + " " + port.protocol().text())
                            .collect(Collectors.joining(", "));
        }

        private Relation nodeNamed(String name, String words) {
            return related(ResourceId.of(Kind.VIRTUAL_NODE, mesh, name), words);
        }

        private Relation serviceNamed(String name, String words) {
            return new Relation(Kind.VIRTUAL_SERVICE, name, Provided.service(resources, mesh, name) != null, words);
        }

        private Relation related(ResourceId id, String words) {
            return new Relation(id.kind(), name(id), resources.get(id) != null, words);
        }

        private static Relation there(ResourceId id, String words) {
            return new Relation(id.kind(), name(id), true, words);
        }
    }

    /** Returns the page as one JSON object. People script against these keys: add at the end, and change nothing. */
    String json() {
        return Json.object(json -> {
            json.writeStringField("kind", id.kind().documentName());
            json.writeStringField("mesh", id.mesh());
            Json.text(json, "parent", id.parent());
            json.writeStringField("name", id.name());
            Json.text(json, "file", origin == null ? null : origin.file());
            json.writeNumberField("line", origin == null ? 0 : origin.line());
            json.writeNumberField("column", origin == null ? 0 : origin.column());
            json.writeBooleanField("refused", isRefused);
            json.writeArrayFieldStart("settings");
            for (Setting setting : settings) {
                json.writeStartObject();
                json.writeStringField("name", setting.name());
                json.writeStringField("value", setting.value());
                json.writeBooleanField("default", setting.isDefault());
                json.writeEndObject();
            }
            json.writeEndArray();
            for (boolean isOnwards : new boolean[] {true, false}) {
                json.writeArrayFieldStart(isOnwards ? "leadsTo" : "ledFrom");
                for (Relation relation : isOnwards ? leadsTo : ledFrom) {
                    json.writeStartObject();
                    json.writeStringField("kind", relation.kind().documentName());
                    json.writeStringField("name", relation.name());
                    json.writeBooleanField("isThere", relation.isThere());
                    json.writeStringField("words", relation.words());
                    json.writeEndObject();
                }
                json.writeEndArray();
            }
            Json.texts(
                    json, "decisions", decisions.stream().map(Problem::toString).toList());
            Json.texts(
                    json, "problems", problems.stream().map(Description::text).toList());
        });
    }

    /** Returns a problem as a line, a note marked as such. */
    static String text(Problem problem) {
        return problem.isError()
                ? problem.toString()
                : problem.origin() + (problem.path().isEmpty() ? "" : " " + problem.path()) + ": note: "
                        + problem.message();
    }

    /** Returns the kind's name with a small letter in front: {@code virtual node}. */
    static String words(Kind kind) {
        StringBuilder words = new StringBuilder();
        kind.documentName()
                .chars()
                .forEach(c -> words.append(Character.isUpperCase(c) && words.length() > 0 ? " " : "")
                        .append(Character.toString(c)));
        return words.toString().toLowerCase(Locale.ROOT);
    }
}
