package io.intramesh;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.document.DocumentReader;
import io.intramesh.document.RawDocument;
import io.intramesh.document.ReadResult;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.explain.Explanation;
import io.intramesh.model.Protocol;
import io.intramesh.registry.FileRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Asks real configurations where requests go. The answers were written by hand, from the walkthroughs' documents and from the
 * rules of App Mesh (RM-.. and VG-.. of app-mesh-model.md), before the reader could read them.
 */
final class CorpusRoutingTest {
    private static final Map<String, String> VALUES =
            Map.of("ProjectName", "howto", "ServicesDomain", "svc.local", "EnvoyImage", "envoy", "MeshName", "m");

    /**
     * Blocks that begin with a file or folder; then a question a line.
     *
     * <pre>
     * [gateway NAME] [grpc|tcp] METHOD host[:port]/path {header: value, …} = answer
     * </pre>
     *
     * <p>An answer is a route with its targets and weights, a gateway route with the service and what goes on to it, or a
     * reason.
     */
    private static final String QUESTIONS = """
            howto-http-headers/app.yaml
            GET color.howto.local/ {} = color-route-black: black-node 100
            GET color.howto.local/x {color_header: redorgreen} = color-route-green: green-node 100
            GET color.howto.local/x {color_header: redorblue} = color-route-green: green-node 100
            GET color.howto.local/x {color_header: predor} = color-route-black: black-node 100
            GET color.howto.local/x {color_header: 100} = color-route-black: black-node 100
            POST color.howto.local/x {} = color-route-black: black-node 100
            GET other.howto.local/ {} = EGRESS_DENIED

            howto-k8s-http-headers/v1beta2/manifest.yaml
            GET color.demo.svc.cluster.local/ {} = color-route-white: white_demo 1
            GET color.demo.svc.cluster.local/ {color_header: blue} = color-route-blue: blue_demo 1
            GET color.demo.svc.cluster.local/ {color_header: bluer} = color-route-yellow: yellow_demo 1
            GET color.demo.svc.cluster.local/ {color_header: Blue} = color-route-yellow: yellow_demo 1
            GET color.demo.svc.cluster.local/ {COLOR_HEADER: blue} = color-route-blue: blue_demo 1
            GET color.demo.svc.cluster.local/ {color_header: lightgreenish} = color-route-green: green_demo 1
            GET color.demo.svc.cluster.local/ {color_header: redgreen} = color-route-green: green_demo 1
            GET color.demo.svc.cluster.local/ {color_header: red} = color-route-red: red_demo 1
            GET color.demo.svc.cluster.local/ {color_header: darkred} = color-route-yellow: yellow_demo 1
            GET color.demo.svc.cluster.local:8080/deep/path?q=1 {} = color-route-white: white_demo 1
            GET color.demo.svc.cluster.local:9999/ {} = NO_ROUTE
            GET color.demo/ {} = EGRESS_DENIED

            howto-k8s-http-headers/v1beta1/manifest.yaml
            GET color.demo.svc.cluster.local/ {} = color-route-white: white-demo 1
            GET color.demo.svc.cluster.local/ {color_header: blue} = color-route-blue: blue-demo 1
            GET color.demo.svc.cluster.local/ {color_header: redgreen} = color-route-green: green-demo 1

            howto-k8s-alb/v1beta2/manifest.yaml
            GET color.demo.svc.cluster.local/ {} = color-route: blue_demo 1, green_demo 1

            howto-k8s-timeout-policy/v1beta2/manifest.yaml
            GET front.demo.pvt.aws.local/color {} = color-route: front_demo 1
            GET front.demo.pvt.aws.local/colorful {} = color-route: front_demo 1
            GET front.demo.pvt.aws.local/Color {} = NO_ROUTE
            GET front.demo.pvt.aws.local/ {} = NO_ROUTE
            GET colorapp.demo.pvt.aws.local/ {} = color-route: colorapp-red_demo 1, colorapp-blue_demo 1

            howto-k8s-http-ingress-v2/v1beta2/manifest.yaml
            GET color-paths.demo.svc.cluster.local/blue {} = color-route-blue: blue_demo 1
            GET color-paths.demo.svc.cluster.local/blues {} = color-route-blue: blue_demo 1
            GET color-paths.demo.svc.cluster.local//red/ {} = color-route-red: red_demo 1
            GET color-paths.demo.svc.cluster.local/a/../red {} = color-route-red: red_demo 1
            GET color-paths.demo.svc.cluster.local/green {} = NO_ROUTE
            GET color-yellow.demo.svc.cluster.local/any {} = node: yellow_demo 100

            howto-k8s-http2/v1beta2/manifest.yaml
            http2 GET color.demo.svc.cluster.local/ {} = color-route: red_demo 1, blue_demo 1, green_demo 1
            http GET color.demo.svc.cluster.local/ {} = NO_ROUTE

            howto-grpc/mesh.yaml
            grpc POST color_server.howto.local/color.ColorService/GetColor {} = route: color_server 100
            grpc POST color_server.howto.local/color.ColorService/SetColor {} = NO_ROUTE
            grpc POST color_server.howto.local/color.colorservice/GetColor {} = NO_ROUTE

            blog-eks-appmesh-connectivity/deployments/yaml/mesh/appmesh/yelb-db-mesh.yaml
            tcp - yelb-db:5432 {} = db-route: yelb-db-node 100, yelb-rds-node_default 0
            tcp - yelb-db:5433 {} = NO_ROUTE

            example-colorapp/servicemesh/appmesh-colorapp.yaml
            GET colorteller.svc.local/ {} = colorteller-route: colorteller-white-vn 1, colorteller-blue-vn 1, \
            colorteller-red-vn 1

            howto-ipv6/dns/mesh/mesh-v4-only.yaml
            gateway colorgateway-vg GET any.example/red/x?a=1 {} = colorgateway-route-red: \
            colorteller-1.default.svc.cluster.local/x?a=1
            gateway colorgateway-vg GET any.example/orange {} = colorgateway-route-orange: \
            colorteller-2.default.svc.cluster.local/
            gateway colorgateway-vg GET any.example/purple1 {} = colorgateway-route-purple: \
            colorteller-6.default.svc.cluster.local/1
            gateway colorgateway-vg GET any.example/black {} = NO_ROUTE
            GET colorteller-3.default.svc.cluster.local/ {} = node: colorteller-yellow-vn 100

            howto-k8s-grpc-ingress-v2/v1beta2/manifest.yaml
            gateway ingress-gw_demo grpc POST any.example/Hello/SayHello {} = metadata-match_demo: \
            greeter.demo.svc.cluster.local/Hello/SayHello
            gateway ingress-gw_demo grpc POST any.example/Hullo/SayHello {} = NO_ROUTE

            howto-external-traffic/mesh/mesh.yaml
            tcp - go.dev:444 {} = go: ExternalService2 1
            """;

    private static final Pattern QUESTION =
            Pattern.compile("(?:gateway (?<gateway>\\S+) )?(?:(?<protocol>http2?|grpc|tcp) )?(?<method>[A-Z]+|-) "
                    + "(?<host>[^/:\\s]+)(?::(?<port>\\d+))?(?<path>/\\S*)? \\{(?<headers>[^}]*)\\} = (?<answer>.+)");

    @TestFactory
    Stream<DynamicTest> requestsGoWhereAppMeshSentThem() throws IOException {
        Path corpus = Corpus.root();
        List<DynamicTest> tests = new ArrayList<>();
        Map<String, OfflineMesh> meshes = new HashMap<>();
        String place = "";
        for (String line : QUESTIONS.lines().toList()) {
            Matcher question = QUESTION.matcher(line);
            if (question.matches()) {
                OfflineMesh mesh = requireNonNull(meshes.get(place), place);
                tests.add(DynamicTest.dynamicTest(
                        place + " " + line,
                        () -> assertThat(answer(mesh, question)).isEqualTo(question.group("answer"))));
            } else if (!line.isEmpty()) {
                place = line;
                meshes.put(place, read(corpus.resolve(line)));
            }
        }
        assertThat(tests).hasSizeGreaterThan(45);
        return tests.stream();
    }

    private static OfflineMesh read(Path place) throws IOException {
        List<RawDocument> documents = FileRegistry.documents(place);
        ReadResult result = DocumentReader.builder()
                .environment(Map.of())
                .values(VALUES)
                .build()
                .read(documents);
        assertThat(result.hasErrors()).as("%s", result.problems()).isFalse();
        return OfflineMesh.of(result.resources());
    }

    private static String answer(OfflineMesh mesh, Matcher question) {
        ExplainRequest.Builder request = ExplainRequest.builder(question.group("host"))
                .virtualGateway(question.group("gateway"))
                .protocol(protocol(question.group("protocol")));
        String method = question.group("method");
        String port = question.group("port");
        String path = question.group("path");
        request.method(method.equals("-") ? null : method);
        if (port != null) {
            request.port(Integer.parseInt(port));
        }
        if (path != null) {
            request.path(path);
        }
        String headers = question.group("headers");
        if (!headers.isEmpty()) {
            int colon = headers.indexOf(": ");
            request.header(headers.substring(0, colon), headers.substring(colon + 2));
        }
        return inShort(mesh.explain(request.build()), question.group("gateway") != null);
    }

    private static @Nullable Protocol protocol(@Nullable String name) {
        return name == null ? null : Protocol.valueOf(name.toUpperCase(Locale.ROOT));
    }

    private static String inShort(Explanation explanation, boolean atGateway) {
        if (explanation.refusal() != null) {
            return explanation.refusal().reason().name();
        }
        if (atGateway) {
            return explanation.gatewayRoute() + ": " + explanation.forwardedHost() + explanation.forwardedPath();
        }
        String targets = explanation.targets().stream()
                .map(target -> target.virtualNode() + " " + target.weight())
                .collect(Collectors.joining(", "));
        return (explanation.route() == null ? "node" : explanation.route()) + ": " + targets;
    }
}
