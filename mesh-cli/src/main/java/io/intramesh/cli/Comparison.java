package io.intramesh.cli;

import io.intramesh.cli.Change.Concern;
import io.intramesh.document.ReadResult;
import io.intramesh.model.EgressFilter;
import io.intramesh.model.EndpointSet;
import io.intramesh.model.Kind;
import io.intramesh.model.MeshResource;
import io.intramesh.model.PortMapping;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.VirtualGateway;
import io.intramesh.model.VirtualService;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compares two configurations by what they mean for traffic. How something is written does not count: neither dialect nor
 * order, nor weights of the same proportion, nor defaults that are spelled out.
 *
 * <pre>{@code
 * Comparison comparison = Comparison.of(before, after);
 * comparison.changes().forEach(System.out::println);
 * }</pre>
 */
final class Comparison {
    private final ResourceSet before;
    private final ResourceSet after;
    private final List<Change> changes = new ArrayList<>();
    private final Set<String> remarks = new TreeSet<>();

    private Comparison(ResourceSet before, ResourceSet after) {
        this.before = before;
        this.after = after;
    }

    /**
     * Compares. What is refused in one of the two counts there as it is in the other, as a running mesh would keep it, and
     * is told as a change of its own.
     */
    static Comparison of(ReadResult before, ReadResult after) {
        Map<String, String> names = meshNames(before.resources(), after.resources());
        List<Resource> first = new ArrayList<>(before.resources().all());
        List<Resource> second = new ArrayList<>(after.resources().all());
        List<Change> refused = new ArrayList<>();
        for (ResourceId id : sorted(before.refused())) {
            Resource other = after.resources().get(id);
            if (other != null && before.resources().get(id) == null) {
                first.add(other);
                refused.add(refused(id, "is refused in A, so what changes there is open"));
            }
        }
        for (ResourceId id : sorted(after.refused())) {
            Resource other = before.resources().get(id);
            if (other != null && after.resources().get(id) == null) {
                second.add(other);
                refused.add(refused(id, "is refused in B; a running mesh keeps the form of A, a new one goes without"));
            }
        }
        Comparison comparison = new Comparison(ResourceSet.of(first), ResourceSet.of(second));
        comparison.changes.addAll(refused);
        names.forEach(comparison::mesh);
        comparison.changes.sort(Change.ORDER);
        return comparison;
    }

    private static Change refused(ResourceId id, String message) {
        return Change.of(Concern.REFUSED, id, id.toString(), message);
    }

    private static List<ResourceId> sorted(Set<ResourceId> ids) {
        return ids.stream()
                .sorted((one, other) -> (one.mesh() + one).compareTo(other.mesh() + other))
                .toList();
    }

    /** Returns what has changed, what matters most for traffic first. */
    List<Change> changes() {
        return List.copyOf(changes);
    }

    /** Returns what somebody may wonder about though nothing changes for traffic. */
    Set<String> remarks() {
        return remarks;
    }

    // A mesh that is alone on both sides is the same one, whatever it is called.
    private static Map<String, String> meshNames(ResourceSet before, ResourceSet after) {
        Map<String, String> names = new TreeMap<>();
        Set<String> first = before.meshNames();
        Set<String> second = after.meshNames();
        if (first.size() == 1 && second.size() == 1) {
            names.put(first.iterator().next(), second.iterator().next());
            return names;
        }
        first.forEach(name -> names.put(name, name));
        second.forEach(name -> names.put(name, name));
        return names;
    }

    private void mesh(String first, String second) {
        new InMesh(first, second).compare();
    }

    /** Returns the resources of a type in one mesh, by their names. */
    static <R extends Resource> Map<String, R> named(ResourceSet resources, String mesh, Class<R> type) {
        Map<String, R> named = new TreeMap<>();
        for (R resource : resources.all(type)) {
            if (resource.id().mesh().equals(mesh)) {
                named.put(resource.id().name(), resource);
            }
        }
        return named;
    }

    /** Returns what listens, in words. */
    static String words(List<PortMapping> listeners) {
        return listeners.isEmpty()
                ? "any port"
                : listeners.stream()
                        .map(listener ->
                                listener.port() + " " + listener.protocol().text())
                        .collect(Collectors.joining(", "));
    }

    /** Tells whether calls to other names leave that mesh. */
    static boolean isOpen(ResourceSet resources, String name) {
        MeshResource mesh = resources.mesh(name);
        return mesh != null && mesh.egressFilter() == EgressFilter.ALLOW_ALL;
    }

    /** Compares one mesh. */
    private final class InMesh {
        private final String first;
        private final String second;
        private final SettingComparison settings = new SettingComparison(changes::add);

        InMesh(String first, String second) {
            this.first = first;
            this.second = second;
        }

        void compare() {
            if (!first.equals(second)) {
                changes.add(Change.of(
                                Concern.NAME,
                                ResourceId.mesh(second),
                                "mesh '" + second + "'",
                                "was called '" + first + "'")
                        .values("name", first, second));
            }
            meshSettings();
            Set<String> routersSeen = services();
            routers(routersSeen);
            gateways();
            new NodeComparison(before, after, first, second, changes::add).run();
            endpoints();
            new PolicyComparison(before, after, first, second, changes::add).run();
        }

        private void meshSettings() {
            MeshResource none = new MeshResource(ResourceId.mesh(second), EgressFilter.DROP_ALL, null);
            MeshResource was = before.mesh(first);
            MeshResource is = after.mesh(second);
            settings.compare(
                    none.id(),
                    "mesh '" + second + "'",
                    Settings.of(was == null ? none : was),
                    Settings.of(is == null ? none : is));
        }

        /** Compares the services, and returns the routers that are dealt with. */
        private Set<String> services() {
            Map<String, VirtualService> was = servicesByHost(before, first);
            Map<String, VirtualService> is = servicesByHost(after, second);
            was.forEach((host, service) -> {
                if (!is.containsKey(host)) {
                    changes.add(Change.of(
                                    Concern.SERVICE_REMOVED,
                                    service.id(),
                                    service.name(),
                                    "this virtual service is gone (" + reach(before, first, service.provider()) + "); "
                                            + afterwards())
                            .about(List.of(service.name()), null)
                            .values("provider", Provided.words(service.provider()), null));
                }
            });
            is.forEach((host, service) -> {
                if (!was.containsKey(host)) {
                    changes.add(Change.of(
                                    Concern.SERVICE_ADDED,
                                    service.id(),
                                    service.name(),
                                    "new virtual service, goes to " + reach(after, second, service.provider()))
                            .about(List.of(service.name()), null)
                            .values("provider", null, Provided.words(service.provider())));
                }
            });
            Map<String, List<String>> alike = new LinkedHashMap<>();
            is.forEach((host, service) -> {
                VirtualService former = was.get(host);
                if (former != null) {
                    String providers = Provided.words(former.provider()) + " → " + Provided.words(service.provider());
                    alike.computeIfAbsent(providers, none -> new ArrayList<>()).add(host);
                }
            });
            Set<String> routers = new HashSet<>();
            alike.values().forEach(hosts -> {
                List<VirtualService> together = hosts.stream().map(is::get).toList();
                VirtualService former = was.get(hosts.get(0));
                if (former != null) {
                    provider(together, former.provider(), together.get(0).provider(), routers);
                }
            });
            return routers;
        }

        private Map<String, VirtualService> servicesByHost(ResourceSet resources, String mesh) {
            Map<String, VirtualService> services = new TreeMap<>();
            for (VirtualService service : resources.all(VirtualService.class)) {
                if (service.id().mesh().equals(mesh)) {
                    services.putIfAbsent(service.name().toLowerCase(Locale.ROOT), service);
                }
            }
            return services;
        }

        private String afterwards() {
            return isOpen(after, second) ? "calls to that name leave the mesh (ALLOW_ALL)" : "calls to it are refused";
        }

        private String reach(ResourceSet resources, String mesh, VirtualService.@Nullable Provider provider) {
            if (!(provider instanceof VirtualService.Provider.Router)) {
                return Provided.words(provider);
            }
            String ways = Way.ofRouter(resources, mesh, provider.name()).stream()
                    .map(way -> way.match() + " → " + way.goesTo())
                    .collect(Collectors.joining("; "));
            return Provided.words(provider) + (ways.isEmpty() ? " without routes" : ": " + ways);
        }

        private void provider(
                List<VirtualService> services,
                VirtualService.@Nullable Provider was,
                VirtualService.@Nullable Provider is,
                Set<String> routers) {
            List<String> names = services.stream().map(VirtualService::name).toList();
            String holder = String.join(", ", names);
            if (was instanceof VirtualService.Provider.Router && is instanceof VirtualService.Provider.Router) {
                int known = changes.size();
                router(holder, names, services.get(0).id(), was.name(), is.name());
                if (was.name().equals(is.name())) {
                    routers.add(is.name());
                } else if (changes.size() > known) {
                    switched(names, holder, services.get(0).id(), Provided.words(was), Provided.words(is));
                }
                return;
            }
            if (!Provided.words(was).equals(Provided.words(is))) {
                switched(names, holder, services.get(0).id(), reach(before, first, was), reach(after, second, is));
            }
        }

        private void switched(List<String> names, String holder, ResourceId id, String was, String is) {
            changes.add(Change.of(Concern.PROVIDER, id, holder, was + " → " + is)
                    .about(names, null)
                    .values("provider", was, is));
        }

        // Routers that no service of both sides leads to: their routes change all the same.
        private void routers(Set<String> seen) {
            Set<String> is = routerNames(after, second);
            for (String router : routerNames(before, first)) {
                if (is.contains(router) && seen.add(router)) {
                    ResourceId id = ResourceId.of(Kind.VIRTUAL_ROUTER, second, router);
                    router(id.toString(), List.of(), id, router, router);
                }
            }
            loose(before, first, is, "is gone; no virtual service led to it");
            loose(after, second, routerNames(before, first), "is new; no virtual service leads to it yet");
        }

        private void loose(ResourceSet resources, String mesh, Set<String> others, String message) {
            Set<String> led = resources.all(VirtualService.class).stream()
                    .filter(service -> service.id().mesh().equals(mesh)
                            && service.provider() instanceof VirtualService.Provider.Router)
                    .map(service ->
                            service.provider() == null ? "" : service.provider().name())
                    .collect(Collectors.toSet());
            for (String router : routerNames(resources, mesh)) {
                if (!others.contains(router) && !led.contains(router)) {
                    remarks.add(ResourceId.of(Kind.VIRTUAL_ROUTER, mesh, router) + " " + message);
                }
            }
        }

        private Set<String> routerNames(ResourceSet resources, String mesh) {
            Set<String> names = new TreeSet<>();
            for (ResourceId id : resources.ids()) {
                if (id.mesh().equals(mesh) && id.kind() == Kind.VIRTUAL_ROUTER) {
                    names.add(id.name());
                } else if (id.mesh().equals(mesh) && id.kind() == Kind.ROUTE && id.parent() != null) {
                    names.add(id.parent());
                }
            }
            return names;
        }

        private void router(String holder, List<String> services, ResourceId id, String was, String is) {
            var formerRouter = before.virtualRouter(first, was);
            var router = after.virtualRouter(second, is);
            if (formerRouter != null && router != null) {
                listening(holder, services, id, formerRouter.listeners(), router.listeners());
            } else if (formerRouter != null || router != null) {
                changes.add(Change.of(
                                Concern.PROVIDER,
                                id,
                                holder,
                                router == null
                                        ? "virtualRouter " + was + " is gone; calls are refused"
                                        : "virtualRouter " + is + " is there now; calls were refused so far")
                        .about(services, null)
                        .values(
                                "provider",
                                formerRouter == null ? null : "virtualRouter " + was,
                                router == null ? null : "virtualRouter " + is));
            }
            new WayComparison(
                            holder,
                            services,
                            Way.ofRouter(before, first, was),
                            Way.ofRouter(after, second, is),
                            changes::add,
                            remarks::add)
                    .run();
        }

        private void listening(
                String holder, List<String> services, ResourceId id, List<PortMapping> was, List<PortMapping> is) {
            if (Set.copyOf(was).equals(Set.copyOf(is)) && firstOf(was).equals(firstOf(is))) {
                return;
            }
            changes.add(
                    Change.of(Concern.LISTENER, id, holder, "is called on " + words(is) + " instead of " + words(was))
                            .about(services, null)
                            .values("listeners", words(was), words(is)));
        }

        private String firstOf(List<PortMapping> listeners) {
            return listeners.isEmpty() ? "" : String.valueOf(listeners.get(0).port());
        }

        private void gateways() {
            Map<String, VirtualGateway> was = named(before, first, VirtualGateway.class);
            Map<String, VirtualGateway> is = named(after, second, VirtualGateway.class);
            was.forEach((name, gateway) -> {
                VirtualGateway other = is.get(name);
                if (other == null) {
                    changes.add(Change.of(
                            Concern.GATEWAY_REMOVED, gateway.id(), gateway.id().toString(), "is gone"));
                } else {
                    settings.compare(other.id(), name, Settings.of(gateway), Settings.of(other));
                }
            });
            is.forEach((name, gateway) -> {
                if (!was.containsKey(name)) {
                    changes.add(Change.of(
                            Concern.GATEWAY_ADDED,
                            gateway.id(),
                            gateway.id().toString(),
                            "is new, listens on "
                                    + gateway.listeners().stream()
                                            .map(listener -> listener.port() + " "
                                                    + listener.protocol().text())
                                            .collect(Collectors.joining(", "))));
                }
            });
            Set<String> names = gatewayNames(before, first);
            names.addAll(gatewayNames(after, second));
            for (String name : names) {
                new WayComparison(
                                "virtualGateway '" + name + "'",
                                List.of(),
                                Way.ofGateway(before, first, name),
                                Way.ofGateway(after, second, name),
                                changes::add,
                                remarks::add)
                        .run();
            }
        }

        private Set<String> gatewayNames(ResourceSet resources, String mesh) {
            return resources.ids().stream()
                    .filter(id -> id.mesh().equals(mesh) && id.kind() == Kind.GATEWAY_ROUTE)
                    .map(id -> String.valueOf(id.parent()))
                    .collect(Collectors.toCollection(TreeSet::new));
        }

        private void endpoints() {
            Map<String, List<EndpointSet>> was = endpointsByNode(before, first);
            Map<String, List<EndpointSet>> is = endpointsByNode(after, second);
            Set<String> nodes = new TreeSet<>(was.keySet());
            nodes.addAll(is.keySet());
            for (String node : nodes) {
                String former = addresses(was.get(node));
                String now = addresses(is.get(node));
                if (!former.equals(now)) {
                    changes.add(Change.of(
                                    Concern.DISCOVERY,
                                    ResourceId.of(Kind.VIRTUAL_NODE, second, node),
                                    node,
                                    "endpoints " + former + " → " + now)
                            .values("endpoints", former, now));
                }
            }
        }

        private String addresses(@Nullable List<EndpointSet> sets) {
            return sets == null ? "by service discovery" : Settings.words(sets);
        }

        private Map<String, List<EndpointSet>> endpointsByNode(ResourceSet resources, String mesh) {
            return resources.all(EndpointSet.class).stream()
                    .filter(set -> set.id().mesh().equals(mesh))
                    .collect(Collectors.groupingBy(EndpointSet::virtualNode, TreeMap::new, Collectors.toList()));
        }
    }
}
