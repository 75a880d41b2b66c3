package io.intramesh.internal.document;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.document.Problem;
import io.intramesh.document.ReadResult;
import io.intramesh.model.IpPreference;
import io.intramesh.model.Kind;
import io.intramesh.model.MeshResource;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.Route;
import io.intramesh.model.ServiceDiscovery;
import io.intramesh.model.VirtualNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Terraform's plans and states, and what is told of its own files. */
final class TerraformTest {

    private static Map<ResourceId, Resource> byId(ReadResult result) {
        Map<ResourceId, Resource> byId = new HashMap<>();
        result.resources().all().forEach(resource -> byId.put(resource.id(), resource));
        return byId;
    }

    // Places.

    @Test
    void problemsNameTheAddressOfTheResourceAndItsAttributesAsTerraformDoes() {
        ReadResult result = Read.files("mesh.json", state("module.a[\"x.y\"].module.b.aws_appmesh_route.beta[0]", """
                "name": "beta", "mesh_name": "shop", "virtual_router_name": "payments", "spec": [ {
                  "priority": 1001,
                  "http_route": [ {
                    "match": [ { "prefix": "/", "header": [ { "name": "x", "match": [ { "exact": "", "range": [] } ] } ] } ],
                    "action": [ { "weighted_target": [ { "virtual_node": "v", "weight": 140 } ] } ],
                    "retry": [ { "max": 1 } ],
                    "timeout": [ {}, {} ] } ] } ]
                """));

        assertThat(result.problems())
                .filteredOn(Problem::isError)
                .extracting(problem -> problem.path() + ": " + problem.message() + " @"
                        + problem.origin().line())
                .containsExactly(
                        line(3, "spec.priority: 1001 (expected: 0 to 1000)"),
                        line(
                                5,
                                "spec.http_route.match.header[0].match: none of exact, prefix, suffix, regex and range"
                                        + " stands here (expected: exactly one); add it"),
                        line(
                                6,
                                "spec.http_route.action.weighted_target[0].weight: 140 (expected: 0 to 100); lower it, or"
                                        + " split it over two targets"),
                        line(
                                7,
                                "spec.http_route.retry: unknown member 'retry' (expected: match, action, retry_policy or"
                                        + " timeout); remove it"),
                        line(8, "spec.http_route.timeout: 2 blocks (expected: one); remove the others"));
        assertThat(result.refused()).containsExactly(ResourceId.route("shop", "payments", "beta"));
        assertThat(result.origins().get(ResourceId.route("shop", "payments", "beta")))
                .hasToString("mesh.json:1:72");
    }

    private static String line(int line, String rest) {
        return "module.a[\"x.y\"].module.b.aws_appmesh_route.beta[0]." + rest + " @" + line;
    }

    /** An infrastructure of 25,000 resources; that of a mesh alone never is so large. */
    @Test
    void aStateOfManyOtherResourcesIsReadBeyondTheSizeOfOtherFiles() {
        StringBuilder others = new StringBuilder();
        String values = "\"description\": \"" + "x".repeat(400) + "\", \"ports\": [1, 2, 3]";
        for (int i = 0; others.length() <= Bounds.MAX_FILE_BYTES; i++) {
            others.append("{ \"address\": \"aws_instance.i")
                    .append(i)
                    .append("\", \"mode\": \"managed\",")
                    .append(" \"type\": \"aws_instance\", \"name\": \"i\", \"values\": { ")
                    .append(values)
                    .append(" } },\n");
        }
        String node = "{ \"address\": \"aws_appmesh_virtual_node.n\", \"mode\": \"managed\","
                + " \"type\": \"aws_appmesh_virtual_node\", \"name\": \"n\","
                + " \"values\": { \"name\": \"n\", \"mesh_name\": \"shop\", \"spec\": [ {} ] } }";
        String text = "{ \"format_version\": \"1.0\", \"terraform_version\": \"1.9.5\","
                + " \"values\": { \"root_module\": { \"resources\": [" + others + node + "] } } }";

        ReadResult result = Read.files("mesh.json", text);

        assertThat(result.problems()).filteredOn(Problem::isError).isEmpty();
        assertThat(result.resources().ids()).containsExactly(ResourceId.of(Kind.VIRTUAL_NODE, "shop", "n"));
    }

    @Test
    void whatTheWholeSetShowsIsToldWithTheSameNames() {
        ReadResult result = Read.files("mesh.json", state("aws_appmesh_route.r", """
                        "name": "r", "mesh_name": "m", "virtual_router_name": "gone", "spec": [ { "tcp_route": [ {
                          "action": [ { "weighted_target": [ { "virtual_node": "nobody", "weight": 1 } ] } ] } ] } ]
                        """));

        assertThat(Read.notes(result))
                .contains("mesh.json:3:56 aws_appmesh_route.r.spec.tcp_route.action.weighted_target[0].virtual_node:"
                        + " virtualNode 'nobody' is not here; it may live elsewhere, else check the name");
    }

    // What the provider means.

    @Test
    void zeroesThatTheProviderDoesNotSendAreAbsent() {
        ReadResult result = Read.files("mesh.json", state("aws_appmesh_route.r", """
                "name": "r", "mesh_name": "m", "virtual_router_name": "v", "mesh_owner": "123456789012",
                "region": "eu-west-1", "tags": { "a": "b" }, "spec": [ {
                  "priority": 0, "http2_route": [], "grpc_route": [], "tcp_route": [],
                  "http_route": [ {
                    "match": [ { "prefix": "/", "port": 0, "method": "", "scheme": "", "header": [], "path": [] } ],
                    "action": [ { "weighted_target": [ { "virtual_node": "a", "weight": 0, "port": 0 },
                                                       { "virtual_node": "b", "weight": 5, "port": 0 } ] } ],
                    "retry_policy": [ { "max_retries": 0, "per_retry_timeout": [ { "unit": "s", "value": 0 } ],
                      "http_retry_events": [ "gateway-error" ], "tcp_retry_events": [] } ],
                    "timeout": [] } ] } ]
                """));

        assertThat(Read.errors(result)).isEmpty();
        Route route = (Route) result.resources().all().iterator().next();
        assertThat(route.priority()).as("App Mesh tries it last, not first").isNull();
        assertThat(route.spec().port()).isNull();
        assertThat(route.spec().weightedTargets()).extracting("weight").containsExactly(0, 5);
        assertThat(Read.notes(result)).as("every route has this 0").noneMatch(note -> note.contains("priority"));
    }

    @Test
    void addressFamiliesAreRead() {
        ReadResult result = Read.files("mesh.json", state("aws_appmesh_virtual_node.n", """
                "name": "n", "mesh_name": "m", "spec": [ { "service_discovery": [ { "aws_cloud_map": [],
                  "dns": [ { "hostname": "n.test", "ip_preference": "IPv6_PREFERRED", "response_type": "" } ] } ] } ]
                """));

        assertThat(requireNonNull(result.resources().virtualNode("m", "n")).serviceDiscovery())
                .isEqualTo(new ServiceDiscovery.Dns(
                        "n.test", ServiceDiscovery.Dns.ResponseType.LOADBALANCER, IpPreference.IPV6_PREFERRED));
    }

    @Test
    void aPriorityOfZeroInAPlanIsExplained() {
        ReadResult result = Read.files("plan.json", """
                { "format_version": "1.2", "planned_values": { "root_module": { "resources": [ {
                  "address": "aws_appmesh_route.r", "mode": "managed", "type": "aws_appmesh_route", "name": "r", "values": {
                    "name": "r", "mesh_name": "m", "virtual_router_name": "v", "spec": [ { "priority": 0, "tcp_route": [ {
                      "action": [ { "weighted_target": [ { "virtual_node": "a", "weight": 1 } ] } ] } ] } ] } } ] } } }
                """);

        assertThat(Read.notes(result))
                .contains(
                        "plan.json:3:88 aws_appmesh_route.r.spec.priority: the provider does not send 0, so that App Mesh"
                                + " tries this route last; write 1 to have it tried first");
    }

    @Test
    void aLeftOverPrefixOfAGrpcRouteIsNotedAndAMissingMatchTakesEverything() {
        String action = "\"action\": [ { \"weighted_target\": [ { \"virtual_node\": \"a\", \"weight\": 1 } ] } ]";
        String names = "\"name\": \"r\", \"mesh_name\": \"m\", \"virtual_router_name\": \"v\", ";

        ReadResult left = Read.files(
                "mesh.json",
                state(
                        "aws_appmesh_route.r",
                        names + "\"spec\": [ { \"grpc_route\": [ { \"match\": [ { \"prefix\": \"/x\" } ], " + action
                                + " } ] } ]"));
        ReadResult none = Read.files(
                "mesh.json",
                state("aws_appmesh_route.r", names + "\"spec\": [ { \"grpc_route\": [ { " + action + " } ] } ]"));

        assertThat(left.hasErrors()).isFalse();
        assertThat(Read.notes(left))
                .anyMatch(note ->
                        note.contains("aws_appmesh_route.r.spec.grpc_route.match.prefix: the provider takes it and"
                                + " App Mesh never got it"));
        assertThat(byId(none)).isNotEmpty().isEqualTo(byId(left));
    }

    @Test
    void blocksWithNothingInThemAreBlocks() {
        ReadResult result = Read.files("mesh.json", state("aws_appmesh_mesh.m", "\"name\": \"m\", \"spec\": [ null ]"));

        assertThat(result.resources().mesh("m")).isNotNull();
    }

    @Test
    void whatIsOfAwsIsKeptAndAnOverrideDecidesIt() {
        String node = state("aws_appmesh_virtual_node.n", """
                "name": "n", "mesh_name": "m", "spec": [ { "listener": [],
                  "service_discovery": [ { "dns": [], "aws_cloud_map": [ { "attributes": { "a": "1", "b": "2" },
                    "namespace_name": "prod", "service_name": "pay" } ] } ] } ]
                """);
        String override = """
                apiVersion: intramesh.io/v1
                kind: Override
                metadata: { mesh: m, name: o }
                spec: { targetRef: { kind: VirtualNode, name: n }, serviceDiscovery: { dns: { hostname: pay.test } } }
                """;

        ReadResult open = Read.files("mesh.json", node);
        ReadResult decided = Read.files("mesh.json", node, "o.yaml", override);

        VirtualNode kept = requireNonNull(open.resources().virtualNode("m", "n"));
        assertThat(kept.serviceDiscovery())
                .isEqualTo(new ServiceDiscovery.CloudMap("prod", "pay", Map.of("a", "1", "b", "2"), null));
        assertThat(Read.notes(open))
                .anyMatch(
                        note -> note.startsWith("mesh.json:3:58 ")
                                && note.contains(
                                        " aws_appmesh_virtual_node.n.spec.service_discovery.aws_cloud_map: needs a decision: "));
        VirtualNode replaced = requireNonNull(decided.resources().virtualNode("m", "n"));
        assertThat(requireNonNull((ServiceDiscovery.Dns) replaced.serviceDiscovery())
                        .hostname())
                .isEqualTo("pay.test");
        assertThat(Read.notes(decided)).noneMatch(note -> note.contains("needs a decision"));
    }

    // Plans.

    @Test
    void whatIsKnownOnlyAfterApplyIsFollowedWhereAReferenceLeadsSomewhere() {
        ReadResult result = Read.files("plan.json", plan("""
                { "address": "aws_appmesh_mesh.shop", "expressions": {} },
                { "address": "aws_appmesh_virtual_node.n", "expressions": {
                  "mesh_name": { "references": [ "aws_appmesh_mesh.shop.id", "aws_appmesh_mesh.shop" ] },
                  "spec": [ { "listener": [ { "tls": [ { "certificate": [ { "acm": [ {
                    "certificate_arn": { "references": [ "aws_acm_certificate.c.arn", "aws_acm_certificate.c" ] } } ] } ] } ] } ],
                    "service_discovery": [ { "dns": [ {
                    "hostname": { "references": [ "aws_lb.front.dns_name", "aws_lb.front" ] } } ] } ] } ] } }
                """));

        assertThat(result.resources().mesh("shop")).isNotNull();
        assertThat(Read.errors(result))
                .as("only the host name is missing")
                .containsExactly(
                        "plan.json:5:76 aws_appmesh_virtual_node.n.spec.service_discovery.dns.hostname: known only"
                                + " after apply, from aws_lb.front.dns_name (expected: a value); apply the plan and show the state,"
                                + " or write the value out");
        assertThat(result.refused()).containsExactly(ResourceId.of(Kind.VIRTUAL_NODE, "shop", "n"));
    }

    @Test
    void aMeshThatNoReferenceLeadsToIsTheOnlyOneOfTheSet() {
        ReadResult result =
                Read.files("plan.json", plan("""
                { "address": "aws_appmesh_mesh.shop", "expressions": {} },
                { "address": "aws_appmesh_virtual_node.n", "expressions": {
                  "mesh_name": { "references": [ "local.mesh" ] } } }
                """).replace("\"hostname\": true", "\"response_type\": false"));

        assertThat(Read.notes(result)).anyMatch(note -> note.contains("took 'shop' (the only one here)"));
    }

    private static String plan(String configuration) {
        return """
                { "format_version": "1.2", "planned_values": { "root_module": { "resources": [
                  { "address": "aws_appmesh_mesh.shop", "mode": "managed", "type": "aws_appmesh_mesh", "name": "shop",
                    "values": { "name": "shop", "spec": [] } },
                  { "address": "aws_appmesh_virtual_node.n", "mode": "managed", "type": "aws_appmesh_virtual_node", "name": "n",
                    "values": { "name": "n", "spec": [ { "service_discovery": [ { "dns": [ {} ] } ], "listener": [ {
                      "port_mapping": [ { "port": 1, "protocol": "http" } ],
                      "health_check": [ { "protocol": "tcp", "healthy_threshold": 2, "unhealthy_threshold": 2,
                        "interval_millis": 5000, "timeout_millis": 2000 } ],
                      "tls": [ { "mode": "STRICT", "certificate": [ { "acm": [ {} ] } ] } ] } ] } ] } } ] } },
                  "resource_changes": [
                  { "address": "aws_appmesh_mesh.shop", "change": { "after_unknown": { "id": true, "spec": true } } },
                  { "address": "aws_appmesh_virtual_node.n", "change": { "after_unknown": { "id": true, "mesh_name": true,
                    "spec": [ { "service_discovery": [ { "dns": [ { "hostname": true } ] } ], "listener": [ {
                      "health_check": [ { "port": true } ],
                      "tls": [ { "certificate": [ { "acm": [ { "certificate_arn": true } ] } ] } ] } ] } ] } } } ],
                  "configuration": { "root_module": { "resources": [
                """ + configuration + "] } } }";
    }

    @Test
    void aReferenceThatGoesInACircleEnds() {
        ReadResult result = Read.files("plan.json", """
                { "format_version": "1.2", "planned_values": { "root_module": { "child_modules": [ { "address": "module.a",
                  "resources": [ { "address": "module.a.aws_appmesh_virtual_router.r", "mode": "managed",
                    "type": "aws_appmesh_virtual_router", "name": "r", "values": { "spec": [ {} ] } } ] } ] } },
                  "configuration": { "root_module": { "module_calls": { "a": {
                    "expressions": { "x": { "references": [ "module.a.y", "module.a" ] } },
                    "module": { "outputs": { "y": { "expression": { "references": [ "var.x" ] } } },
                      "resources": [ { "address": "aws_appmesh_virtual_router.r", "expressions": {
                        "mesh_name": { "references": [ "var.x" ] }, "name": { "references": [ "var.x" ] } } } ] } } } } } }
                """);

        assertThat(Read.errors(result))
                .containsExactly(
                        "plan.json:3:66 module.a.aws_appmesh_virtual_router.r.name: known only after apply, from"
                                + " var.x (expected: a value); apply the plan and show the state, or write the value out");
    }

    @Test
    void aPlanThatFailedIsNoted() {
        ReadResult result = Read.files(
                "plan.json",
                state("aws_appmesh_mesh.m", "\"name\": \"m\", \"spec\": []")
                        .replace("\"format_version\"", "\"errored\": true, \"format_version\""));

        assertThat(Read.notes(result)).singleElement().asString().contains("the plan failed");
        assertThat(result.resources().all()).hasOnlyElementsOfType(MeshResource.class);
    }

    // What is left alone.

    @Test
    void otherResourcesAndDataSourcesAndDeposedObjectsAreLeftAlone() {
        ReadResult result = Read.files("a.tfstate", """
                { "version": 4, "terraform_version": "1.9.0", "resources": [
                  { "mode": "data", "type": "aws_appmesh_mesh", "name": "d", "instances": [ { "attributes": { "name": "d" } } ] },
                  { "mode": "managed", "type": "aws_instance", "name": "i", "instances": [ { "attributes": { "u": "${X}" } } ] },
                  { "mode": "managed", "type": "aws_appmesh_mesh", "name": "m", "instances": [
                    { "deposed": "1a2b", "attributes": { "name": "before", "spec": [] } },
                    { "index_key": 0, "attributes": { "name": "m0", "spec": [] } },
                    { "index_key": "k", "attributes": { "name": "m1", "spec": [ { "egress": [ {} ] } ] } } ] } ] }
                """);

        assertThat(result.resources().ids()).containsExactly(ResourceId.mesh("m0"));
        assertThat(Read.errors(result))
                .singleElement()
                .asString()
                .startsWith("a.tfstate:7:67 aws_appmesh_mesh.m[\"k\"].spec.egress: unknown member 'egress'");
    }

    @Test
    void plansAndStatesWithoutAMeshAreSkipped() {
        ReadResult result = Read.files(
                "a.json", "{ \"format_version\": \"1.0\" }",
                "b.json", "{ \"format_version\": \"1.0\", \"values\": { \"root_module\": { \"resources\": [] } } }",
                "c.tfstate", "{ \"version\": 4, \"terraform_version\": \"1.1.0\", \"resources\": [] }");

        assertThat(result.problems()).isEmpty();
        assertThat(result.skipped()).containsExactly("a.json", "b.json", "c.tfstate");
    }

    @Test
    void oneNoteForEachFolderTellsWhatToDoWithTerraformsOwnFiles() {
        String mesh = "resource \"aws_appmesh_mesh\" \"m\" {\n  name = \"${var.x}\"\n";

        ReadResult result = Read.files(
                "a/main.tf",
                mesh,
                "a/more.tf",
                mesh,
                "a/vpc.tf",
                "resource \"aws_vpc\" \"v\" {}",
                "b/main.tf.json",
                "{ \"resource\": { \"aws_appmesh_mesh\": ",
                "c/plan.tfplan",
                "",
                "d/main.tf",
                mesh,
                "d/mesh.json",
                state("aws_appmesh_mesh.m", "\"name\": \"m\", \"spec\": []"));

        String rest =
                ": Terraform's own files are not read; run 'terraform show -json > mesh.json' where you run Terraform,"
                        + " and put its output here ('terraform show -json PLANFILE' shows a plan instead of the state)";
        assertThat(Read.errors(result)).isEmpty();
        assertThat(Read.notes(result))
                .containsExactly("a/main.tf" + rest, "b/main.tf.json" + rest, "c/plan.tfplan" + rest);
        assertThat(result.skipped()).containsExactly("a/vpc.tf");
        assertThat(result.unreadable()).isEmpty();
        assertThat(result.resources().ids()).containsExactly(ResourceId.mesh("m"));
    }

    /** Returns what {@code terraform show -json} prints of a state with one resource, whose values begin on line 2. */
    private static String state(String address, String values) {
        List<String> segments = TerraformPlan.segments(address);
        String type = segments.get(segments.size() - 2);
        return "{ \"format_version\": \"1.0\", \"values\": { \"root_module\": { \"resources\": [ " + "{ \"address\": \""
                + address.replace("\"", "\\\"") + "\", \"mode\": \"managed\", \"type\": \"" + type
                + "\", \"name\": \"x\", \"values\": {\n" + values + " } } ] } } }";
    }
}
