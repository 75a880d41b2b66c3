package io.intramesh.discovery.cloudmap;

import static java.util.Objects.requireNonNull;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.protocols.jsoncore.JsonNode;

/**
 * What Cloud Map does behind {@code DiscoverInstances} and {@code DiscoverInstancesRevision}, over a real socket in its own
 * protocol (AWS JSON 1.1): namespaces, services, instances with attributes and health, the revision, who may ask, and the ways
 * in which it fails. Any thread.
 */
final class FakeCloudMap implements AutoCloseable {
    static final String REGION = "eu-test-1";
    static final String KEY = "AKIDTEST";

    private static final String TARGET = "Route53AutoNaming_v20170314.";

    /** How the next answers are, until it is said otherwise. */
    enum Mood {
        WELL,
        THROTTLES,
        FAILS,
        HANGS,
        TALKS_GARBAGE,
        DENIES,
        DENIES_REVISION
    }

    /**
     * A question that arrived.
     *
     * @param maxResults zero where it was not asked for
     */
    record Asked(
            String operation,
            String service,
            Map<String, String> attributes,
            @Nullable String health,
            int maxResults) {}

    private static final class Instance {
        final Map<String, String> attributes;
        String health;

        Instance(Map<String, String> attributes, String health) {
            this.attributes = attributes;
            this.health = health;
        }
    }

    private static final class Service {
        final Map<String, Instance> instances = new LinkedHashMap<>();
        boolean hasHealthCheck;
        long revision = 1;
    }

    private final int port;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    // Guarded by this.
    private final Map<String, Map<String, Service>> namespaces = new TreeMap<>();
    private final List<Asked> asked = new ArrayList<>();
    private Mood mood = Mood.WELL;
    private CountDownLatch hanging = new CountDownLatch(1);
    private @Nullable HttpServer server;

    private FakeCloudMap() throws IOException {
        this.port = listen(0);
    }

    static FakeCloudMap start() throws IOException {
        return new FakeCloudMap();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** Registers an instance, or registers it anew; the service comes with its first one. */
    synchronized void register(String namespace, String service, String id, Map<String, String> attributes) {
        Service registered = service(namespace, service);
        registered.instances.put(
                id, new Instance(new TreeMap<>(attributes), registered.hasHealthCheck ? "HEALTHY" : "UNKNOWN"));
        registered.revision++;
    }

    synchronized void deregister(String namespace, String service, String id) {
        Service registered = service(namespace, service);
        registered.instances.remove(id);
        registered.revision++;
    }

    synchronized void deregisterAll(String namespace, String service) {
        Service registered = service(namespace, service);
        registered.instances.clear();
        registered.revision++;
    }

    /** Gives the service a health check, by which every instance is well at first. */
    synchronized void checkHealth(String namespace, String service) {
        Service registered = service(namespace, service);
        registered.hasHealthCheck = true;
        registered.instances.values().forEach(instance -> instance.health = "HEALTHY");
    }

    /** Changes the health of an instance, which does not move the revision. */
    synchronized void health(String namespace, String service, String id, boolean isHealthy) {
        requireNonNull(service(namespace, service).instances.get(id)).health = isHealthy ? "HEALTHY" : "UNHEALTHY";
    }

    synchronized void is(Mood newMood) {
        mood = newMood;
        hanging.countDown();
        hanging = new CountDownLatch(1);
    }

    synchronized List<Asked> asked() {
        return List.copyOf(asked);
    }

    long asked(String operation) {
        return asked().stream().filter(one -> one.operation().equals(operation)).count();
    }

    /** Goes away, as an API does behind a network that broke: nobody listens. */
    synchronized void goAway() {
        HttpServer running = server;
        if (running != null) {
            running.stop(0);
            server = null;
        }
        hanging.countDown();
    }

    /** Comes back at the same address. */
    synchronized void comeBack() throws IOException {
        hanging = new CountDownLatch(1);
        listen(port);
    }

    @Override
    public void close() {
        goAway();
        threads.shutdownNow();
    }

    private int listen(int wanted) throws IOException {
        HttpServer created = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted), 50);
        created.setExecutor(threads);
        created.createContext("/", this::serve);
        created.start();
        server = created;
        return created.getAddress().getPort();
    }

    private synchronized Service service(String namespace, String service) {
        return namespaces
                .computeIfAbsent(namespace, name -> new TreeMap<>())
                .computeIfAbsent(service, name -> new Service());
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
            String authorization = exchange.getRequestHeaders().getFirst("Authorization");
            JsonNode body = JsonNode.parser().parse(exchange.getRequestBody());
            CountDownLatch silence;
            Answer answer;
            synchronized (this) {
                silence = mood == Mood.HANGS ? hanging : new CountDownLatch(0);
                answer = answer(String.valueOf(target).replace(TARGET, ""), String.valueOf(authorization), body);
            }
            silence.await();
            byte[] bytes = answer.body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.1");
            exchange.getResponseHeaders().set("x-amzn-RequestId", "request-" + System.nanoTime());
            exchange.sendResponseHeaders(answer.status, bytes.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(bytes);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private record Answer(int status, String body) {
        static Answer error(int status, String code, String message) {
            return new Answer(status, "{\"__type\":" + quoted(code) + ",\"message\":" + quoted(message) + "}");
        }
    }

    private Answer answer(String operation, String authorization, JsonNode body) {
        Map<String, String> attributes =
                body.field("QueryParameters").map(JsonNode::asObject).orElse(Map.of()).entrySet().stream()
                        .collect(Collectors.toMap(
                                Map.Entry::getKey, entry -> entry.getValue().asString()));
        String namespace = body.field("NamespaceName").map(JsonNode::asString).orElse("");
        String service = body.field("ServiceName").map(JsonNode::asString).orElse("");
        String health = body.field("HealthStatus").map(JsonNode::asString).orElse(null);
        int maxResults = body.field("MaxResults")
                .map(JsonNode::asNumber)
                .map(Integer::parseInt)
                .orElse(0);
        asked.add(new Asked(operation, service, attributes, health, maxResults));
        if (mood == Mood.TALKS_GARBAGE) {
            return new Answer(200, "<html>It works!</html>");
        }
        if (mood == Mood.FAILS) {
            return Answer.error(500, "InternalFailure", "oops " + asked.size());
        }
        if (!authorization.contains("Credential=" + KEY + "/")) {
            return Answer.error(
                    400, "UnrecognizedClientException", "The security token included in the request is invalid.");
        }
        if (!authorization.contains("/" + REGION + "/servicediscovery/aws4_request")) {
            return Answer.error(400, "InvalidSignatureException", "Credential should be scoped to a valid region.");
        }
        if (mood == Mood.DENIES || (mood == Mood.DENIES_REVISION && operation.equals("DiscoverInstancesRevision"))) {
            return Answer.error(400, "AccessDeniedException", "User is not authorized to perform: " + operation);
        }
        if (mood == Mood.THROTTLES) {
            return Answer.error(400, "RequestLimitExceeded", "Rate exceeded");
        }
        Map<String, Service> services = namespaces.get(namespace);
        if (services == null) {
            return Answer.error(400, "NamespaceNotFound", namespace);
        }
        Service found = services.get(service);
        if (found == null) {
            return Answer.error(400, "ServiceNotFound", service);
        }
        return switch (operation) {
            case "DiscoverInstances" -> new Answer(200, instances(namespace, service, found, attributes, health));
            case "DiscoverInstancesRevision" -> new Answer(200, "{\"InstancesRevision\":" + found.revision + "}");
            default -> Answer.error(400, "UnknownOperationException", operation);
        };
    }

    private static String instances(
            String namespace, String service, Service found, Map<String, String> attributes, @Nullable String health) {
        boolean anyIsHealthy = found.instances.values().stream().anyMatch(one -> one.health.equals("HEALTHY"));
        List<String> written = new ArrayList<>();
        found.instances.forEach((id, instance) -> {
            boolean isWanted = !found.hasHealthCheck
                    || health == null
                    || health.equals("ALL")
                    || (health.equals("HEALTHY_OR_ELSE_ALL") && !anyIsHealthy)
                    || (!health.equals("UNHEALTHY") && instance.health.equals("HEALTHY"))
                    || health.equals(instance.health);
            if (isWanted && instance.attributes.entrySet().containsAll(attributes.entrySet())) {
                written.add("{\"InstanceId\":" + quoted(id) + ",\"NamespaceName\":" + quoted(namespace)
                        + ",\"ServiceName\":" + quoted(service) + ",\"HealthStatus\":" + quoted(instance.health)
                        + ",\"Attributes\":" + object(instance.attributes) + "}");
            }
        });
        Collections.shuffle(written); // As Cloud Map does.
        return "{\"Instances\":[" + String.join(",", written) + "],\"InstancesRevision\":" + found.revision + "}";
    }

    private static String object(Map<String, String> members) {
        return members.entrySet().stream()
                .map(entry -> quoted(entry.getKey()) + ":" + quoted(entry.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
