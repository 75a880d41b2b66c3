package io.intramesh.internal.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.document.Problem;
import io.intramesh.document.RawDocument;
import io.intramesh.document.ReadResult;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Breaks manifests at what Kubernetes alone has: metadata, selectors, references and the older version. Whatever is done to one
 * place, either somebody is told where, or another configuration comes of it; and what is refused, is refused with a reason.
 */
final class KubernetesMutationTest {
    private static final int MUTANTS = 3_000;

    private static final String ORIGINAL = """
            apiVersion: v1
            kind: Namespace
            metadata:
              name: shop
              labels:
                mesh: m
                gateway: g
            ---
            apiVersion: appmesh.k8s.aws/v1beta2
            kind: Mesh
            metadata:
              name: mesh
            spec:
              awsName: m
              meshOwner: "111122223333"
              namespaceSelector:
                matchLabels:
                  mesh: m
                matchExpressions:
                  - key: gateway
                    operator: In
                    values: [ "g" ]
            ---
            apiVersion: appmesh.k8s.aws/v1beta2
            kind: VirtualNode
            metadata:
              name: n
              namespace: shop
            spec:
              awsName: node
              podSelector:
                matchLabels:
                  app: n
              backends:
                - virtualService:
                    virtualServiceRef:
                      name: s
                - virtualService:
                    virtualServiceARN: arn:aws:appmesh:us-west-2:111122223333:mesh/m/virtualService/far
              backendGroups:
                - name: group
            ---
            apiVersion: appmesh.k8s.aws/v1beta2
            kind: BackendGroup
            metadata:
              name: group
              namespace: shop
            spec:
              virtualservices:
                - name: t
                  namespace: other
            ---
            apiVersion: appmesh.k8s.aws/v1beta2
            kind: VirtualService
            metadata:
              name: s
              namespace: shop
            spec:
              provider:
                virtualRouter:
                  virtualRouterRef:
                    name: r
            ---
            apiVersion: appmesh.k8s.aws/v1beta2
            kind: VirtualRouter
            metadata:
              name: r
              namespace: shop
            spec:
              meshRef:
                name: mesh
              listeners:
                - portMapping: { port: 80, protocol: http }
              routes:
                - name: all
                  httpRoute:
                    match: { prefix: / }
                    action:
                      weightedTargets:
                        - virtualNodeRef:
                            name: n
                          weight: 1
            ---
            apiVersion: appmesh.k8s.aws/v1beta2
            kind: VirtualGateway
            metadata:
              name: g
              namespace: shop
            spec:
              namespaceSelector:
                matchLabels:
                  gateway: g
              gatewayRouteSelector:
                matchLabels:
                  route: yes
              listeners:
                - portMapping: { port: 80, protocol: http }
            ---
            apiVersion: appmesh.k8s.aws/v1beta2
            kind: GatewayRoute
            metadata:
              name: gr
              namespace: shop
              labels:
                route: yes
            spec:
              httpRoute:
                match: { prefix: / }
                action:
                  target:
                    virtualService:
                      virtualServiceRef:
                        name: s
            ---
            apiVersion: appmesh.k8s.aws/v1beta1
            kind: VirtualNode
            metadata:
              name: old
              namespace: shop
            spec:
              meshName: m
              listeners:
                - portMapping: { port: 80, protocol: http }
              serviceDiscovery:
                cloudMap:
                  namespaceName: a
                  serviceName: b
                  attributes:
                    k: v
            ---
            apiVersion: appmesh.k8s.aws/v1beta1
            kind: VirtualService
            metadata:
              name: old.local
              namespace: shop
            spec:
              meshName: m
              virtualRouter:
                name: old
                listeners:
                  - portMapping: { port: 80, protocol: http }
              routes:
                - name: all
                  http:
                    match: { prefix: / }
                    action:
                      weightedTargets:
                        - virtualNodeName: old
                          weight: 1
                    retryPolicy:
                      maxRetries: 1
                      perRetryTimeoutMillis: 100
                      httpRetryEvents: [ server-error ]
            """;

    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9]+(?=:( |$))");
    private static final Pattern VALUE = Pattern.compile("(?<=: )[^\\s,{}\\[\\]]+(?=[ ,}\\]]|$)");

    private static final List<String> VALUES = List.of(
            "-1", "0.5", "true", "[]", "{ a: b }", "[ [ 1 ] ]", "\"\"", "nobody", "a/b", "\"${NOBODY}\"", "!x y");

    @Test
    void theOriginalIsSound() {
        ReadResult result = read(ORIGINAL);

        assertThat(Read.errors(result)).isEmpty();
        assertThat(result.resources().size()).isEqualTo(11);
        assertThat(result.refused()).isEmpty();
    }

    @Test
    void nothingThatIsBrokenIsTakenInSilence() {
        RandomGeneratorFactory<RandomGenerator> generators = RandomGeneratorFactory.of("L64X128MixRandom");
        ReadResult sound = read(ORIGINAL);
        Set<String> known = new HashSet<>(messages(sound));
        List<String> silent = new ArrayList<>();
        int refused = 0;

        for (long seed = 0; seed < MUTANTS; seed++) {
            RandomGenerator random = generators.create(seed);
            List<String> lines = new ArrayList<>(ORIGINAL.lines().toList());
            int at = random.nextInt(lines.size());
            String before = lines.get(at);
            String after = damaged(before, random);
            lines.set(at, after);
            if (after.equals(before) || mayBeMissed(before, after)) {
                continue;
            }
            String what = "seed " + seed + ": '" + before.strip() + "' became '" + after.strip() + "'";

            ReadResult result = read(String.join("\n", lines));

            List<Problem> fresh = result.problems().stream()
                    .filter(problem -> !known.contains(problem.path() + problem.message()))
                    .toList();
            for (Problem problem : fresh) {
                assertThat(problem.message()).as(what).isNotBlank().doesNotContain("please report");
                assertThat(problem.origin().line()).as("%s: %s", what, problem).isPositive();
            }
            if (!result.refused().isEmpty()) {
                refused++;
                assertThat(result.hasErrors()).as(what).isTrue();
            }
            assertThat(result.resources().ids()).as(what).noneMatch(result.refused()::contains);
            if (fresh.isEmpty() && result.resources().equals(sound.resources())) {
                silent.add(what);
            }
        }

        assertThat(silent).isEmpty();
        assertThat(refused).isGreaterThan(MUTANTS / 4);
    }

    /** Tells whether a change may come to nothing: another pod, another account, the name of something that nobody asks for. */
    private static boolean mayBeMissed(String before, String after) {
        String stripped = before.strip();
        boolean ofPods = stripped.startsWith("app:");
        boolean ofList = before.isBlank() || stripped.equals("---") || after.isBlank();
        return ofPods || ofList || stripped.startsWith("apiVersion: v1") || stripped.equals("kind: Namespace");
    }

    private static String damaged(String line, RandomGenerator random) {
        return switch (random.nextInt(3)) {
            case 0 -> replaced(line, KEY, "otherMember", random);
            case 1 -> line.contains(":") && !line.contains("- ") ? line + "\n" + line : line;
            default -> replaced(line, VALUE, VALUES.get(random.nextInt(VALUES.size())), random);
        };
    }

    private static String replaced(String line, Pattern pattern, String by, RandomGenerator random) {
        List<MatchResult> matches = pattern.matcher(line).results().toList();
        if (matches.isEmpty()) {
            return line;
        }
        MatchResult match = matches.get(random.nextInt(matches.size()));
        return line.substring(0, match.start()) + by + line.substring(match.end());
    }

    private static List<String> messages(ReadResult result) {
        return result.problems().stream()
                .map(problem -> problem.path() + problem.message())
                .toList();
    }

    private static ReadResult read(String text) {
        return Read.reader().read(List.of(RawDocument.of("a.yaml", text)));
    }
}
