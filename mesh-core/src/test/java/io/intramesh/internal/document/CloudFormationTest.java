package io.intramesh.internal.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.document.ReadResult;
import io.intramesh.internal.route.RegexSyntax;
import io.intramesh.model.Kind;
import io.intramesh.model.ListenerTls;
import io.intramesh.model.ResourceId;
import io.intramesh.model.Route;
import io.intramesh.model.ServiceDiscovery;
import io.intramesh.model.TlsCertificate;
import io.intramesh.model.VirtualNode;
import io.intramesh.model.VirtualService;
import io.intramesh.model.WeightedTarget;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** CloudFormation templates: functions, parameters, conditions, spelling, and what a template may hold beside the mesh. */
final class CloudFormationTest {

    /** A template with one node, whose host name is computed. */
    private static String node(String hostname, String... sections) {
        return String.join("\n", sections) + """

                Resources:
                  Node:
                    Type: AWS::AppMesh::VirtualNode
                    Properties:
                      MeshName: shop
                      VirtualNodeName: n
                      Spec:
                        Listeners: [ { PortMapping: { Port: 80, Protocol: http } } ]
                        ServiceDiscovery: { DNS: { Hostname: %s } }
                """.formatted(hostname);
    }

    /** A template with one route of these further lines. */
    private static String route(String weight, String... sections) {
        return String.join("\n", sections) + """

                Resources:
                  R:
                    Type: AWS::AppMesh::Route
                    Properties:
                      MeshName: shop
                      VirtualRouterName: r
                      RouteName: beta
                      Spec:
                        HttpRoute:
                          Match: { Prefix: / }
                          Action: { WeightedTargets: [ { VirtualNode: n, Weight: %s } ] }
                """.formatted(weight);
    }

    private static ReadResult read(Map<String, String> values, String... namesAndTexts) {
        return read(values, Map.of(), namesAndTexts);
    }

    private static ReadResult read(Map<String, String> values, Map<String, String> environment, String... files) {
        return Read.files(new DocumentSet(values, environment, RegexSyntax::problem, false), files);
    }

    private static ResourceId id(Kind kind, String name) {
        return ResourceId.of(kind, "shop", name);
    }

    private static String hostname(ReadResult result) {
        assertThat(Read.errors(result)).isEmpty();
        return result.resources().all().stream()
                .filter(VirtualNode.class::isInstance)
                .map(VirtualNode.class::cast)
                .map(node -> ((ServiceDiscovery.Dns) Objects.requireNonNull(node.serviceDiscovery())).hostname())
                .collect(Collectors.joining(" "));
    }

    private static String computed(String value, String... sections) {
        return hostname(read(Map.of(), "a.yaml", node(value, sections)));
    }

    private static List<String> errorsOf(String value, String... sections) {
        return Read.errors(read(Map.of(), "a.yaml", node(value, sections)));
    }

    private static List<Integer> weights(ReadResult result) {
        assertThat(Read.errors(result)).isEmpty();
        return result.resources().all().stream()
                .filter(Route.class::isInstance)
                .map(Route.class::cast)
                .flatMap(route -> route.spec().weightedTargets().stream())
                .map(WeightedTarget::weight)
                .toList();
    }

    // Functions.

    @Test
    void functionsGiveWhatCloudFormationGives() {
        String parameters = "Parameters: { Env: { Type: String, Default: prod } }";

        assertThat(computed("!Ref Env", parameters)).isEqualTo("prod");
        assertThat(computed("{ Ref: Env }", parameters)).isEqualTo("prod");
        assertThat(computed("!Sub 'a.${Env}.local'", parameters)).isEqualTo("a.prod.local");
        assertThat(computed("{ 'Fn::Sub': 'a.${Env}' }", parameters)).isEqualTo("a.prod");
        assertThat(computed("!Sub [ '${x}.${Env}', { x: !Join [ '-', [ a, !Ref Env ] ] } ]", parameters))
                .isEqualTo("a-prod.prod");
        assertThat(computed("!Sub 'a${!Env}b'", parameters)).isEqualTo("a${Env}b");
        assertThat(computed("!Sub '${AWS::URLSuffix}'", parameters)).isEqualTo("amazonaws.com");
        assertThat(computed("!Join [ '.', [ a, b, !Ref AWS::NoValue, 1 ] ]")).isEqualTo("a.b.1");
        assertThat(computed("!Select [ 1, [ a, b ] ]")).isEqualTo("b");
        assertThat(computed("!Select [ '1', !Split [ ',', 'a,b,c' ] ]")).isEqualTo("b");
        assertThat(computed("!Join [ '', !Split [ '-', 'a-b' ] ]")).isEqualTo("ab");
        assertThat(computed("{ 'Fn::Base64': ab }")).isEqualTo("YWI=");
        assertThat(computed("!Sub [ 'x${n}', { n: { 'Fn::Length': [ 1, 2 ] } } ]"))
                .isEqualTo("x2");
    }

    @Test
    void mappingsAreLookedUpAndHaveADefault() {
        String sections = """
                Parameters: { Env: { Type: String, Default: prod } }
                Mappings: { Hosts: { prod: { color: c.prod }, dev: { color: c.dev } } }
                """;

        assertThat(computed("!FindInMap [ Hosts, !Ref Env, color ]", sections)).isEqualTo("c.prod");
        assertThat(computed("!FindInMap [ Hosts, qa, color, { DefaultValue: d } ]", sections))
                .isEqualTo("d");
        assertThat(errorsOf("!FindInMap [ Hosts, qa, color ]", sections))
                .singleElement()
                .asString()
                .contains("a.yaml:", "Mappings have nothing at Hosts.qa.color");
    }

    @Test
    void conditionsDecideBranchesMembersAndResources() {
        String sections = """
                Parameters: { Env: { Type: String, Default: prod }, N: { Type: Number, Default: 2 } }
                Conditions:
                  IsProd: !Equals [ !Ref Env, prod ]
                  IsTwo: { 'Fn::Equals': [ !Ref N, 2 ] }
                  Both: !And [ !Condition IsProd, { Condition: IsTwo } ]
                  Neither: !Not [ !Or [ Condition: IsProd, Condition: IsTwo ] ]
                """;

        assertThat(computed("!If [ Both, a, b ]", sections)).isEqualTo("a");
        assertThat(computed("!If [ Neither, a, !Sub 'b.${Env}' ]", sections)).isEqualTo("b.prod");
        ReadResult result = read(Map.of(), "a.yaml", sections + """
                Resources:
                  There: { Type: 'AWS::AppMesh::Mesh', Condition: Both, Properties: { MeshName: shop } }
                  Gone: { Type: 'AWS::AppMesh::Mesh', Condition: Neither, Properties: { MeshName: other } }
                  Node:
                    Type: AWS::AppMesh::VirtualNode
                    Properties:
                      MeshName: !GetAtt There.MeshName
                      Spec:
                        Backends:
                          - VirtualService: { VirtualServiceName: a }
                          - !If [ Neither, { VirtualService: { VirtualServiceName: b } }, !Ref 'AWS::NoValue' ]
                        BackendDefaults:
                          Fn::If: [ Neither, { ClientPolicy: {} }, !Ref AWS::NoValue ]
                """);
        assertThat(Read.errors(result)).isEmpty();
        assertThat(result.resources().ids())
                .containsExactlyInAnyOrder(ResourceId.of(Kind.MESH, "shop", "shop"), id(Kind.VIRTUAL_NODE, "Node"));
        VirtualNode node = (VirtualNode) result.resources().all().stream()
                .filter(VirtualNode.class::isInstance)
                .findFirst()
                .orElseThrow();
        assertThat(node.backends()).hasSize(1);
        assertThat(node.backendDefaults()).isNull();
    }

    @Test
    void aResourceThatDoesNotExistIsNotReferredTo() {
        assertThat(errorsOf("!GetAtt Gone.VirtualNodeName", "Conditions: { No: !Equals [ a, b ] }")
                        .toString())
                .contains("no parameter or resource is called 'Gone'");
        ReadResult result = read(Map.of(), "a.yaml", """
                Conditions: { No: !Equals [ a, b ] }
                Resources:
                  Mesh: { Type: 'AWS::AppMesh::Mesh', Condition: No }
                  Service:
                    Type: AWS::AppMesh::VirtualService
                    Properties: { MeshName: !GetAtt Mesh.MeshName, VirtualServiceName: s, Spec: {} }
                """);
        assertThat(Read.errors(result))
                .singleElement()
                .asString()
                .contains("a.yaml:6", "Resources.Service.Properties.MeshName", "'Mesh' does not exist", "use Fn::If");
    }

    // References.

    @Test
    void namesOfOthersAreFoundByAttributesAndByArns() {
        ReadResult result = read(Map.of("AWS::Region", "eu-west-1", "AWS::AccountId", "111122223333"), "a.yaml", """
                Resources:
                  Mesh: { Type: 'AWS::AppMesh::Mesh', Properties: { MeshName: shop } }
                  Router:
                    Type: AWS::AppMesh::VirtualRouter
                    Properties: { MeshName: !Ref Mesh, VirtualRouterName: r, Spec: { Listeners: [] } }
                  Node: { Type: 'AWS::AppMesh::VirtualNode', Properties: { MeshName: shop, Spec: {} } }
                  Route:
                    Type: AWS::AppMesh::Route
                    Properties:
                      MeshName: !Select [ 1, !Split [ /, !Select [ 5, !Split [ ':', !Ref Mesh ] ] ] ]
                      VirtualRouterName: { 'Fn::GetAtt': [ Router, VirtualRouterName ] }
                      RouteName: beta
                      Spec:
                        HttpRoute:
                          Match: { Prefix: / }
                          Action: { WeightedTargets: [ { VirtualNode: !Ref Node, Weight: 1 } ] }
                  Service:
                    Type: AWS::AppMesh::VirtualService
                    Properties:
                      MeshName: shop@111122223333
                      VirtualServiceName: !Sub '${Node.VirtualNodeName}.local'
                      Spec: { Provider: { VirtualRouter: { VirtualRouterName: !GetAtt Route.VirtualRouterName } } }
                  Arn:
                    Type: AWS::AppMesh::VirtualService
                    Properties: { MeshName: shop, VirtualServiceName: !Select [ 4, !Split [ ':', !GetAtt Node.Arn ] ], Spec: {} }
                """);

        assertThat(Read.errors(result)).isEmpty();
        assertThat(result.resources().ids())
                .containsExactlyInAnyOrder(
                        ResourceId.of(Kind.MESH, "shop", "shop"),
                        id(Kind.VIRTUAL_ROUTER, "r"),
                        id(Kind.VIRTUAL_NODE, "Node"),
                        new ResourceId(Kind.ROUTE, "shop", "r", "beta"),
                        id(Kind.VIRTUAL_SERVICE, "Node.local"),
                        id(Kind.VIRTUAL_SERVICE, "111122223333"));
        assertThat(Read.notes(result))
                .singleElement()
                .asString()
                .contains("Node", "took 'Node', the logical id", "add VirtualNodeName");
        VirtualService service = (VirtualService) result.resources().all().stream()
                .filter(each -> each.id().name().equals("Node.local"))
                .findFirst()
                .orElseThrow();
        assertThat(service.provider()).isEqualTo(new VirtualService.Provider.Router("r"));
    }

    @Test
    void anArnOfAnotherKindIsNoName() {
        List<String> errors = Read.errors(read(Map.of(), "a.yaml", """
                Resources:
                  Mesh: { Type: 'AWS::AppMesh::Mesh', Properties: { MeshName: shop } }
                  Service:
                    Type: AWS::AppMesh::VirtualService
                    Properties: { MeshName: shop, VirtualServiceName: s, Spec: { Provider: { VirtualNode: { VirtualNodeName: !Ref Mesh } } } }
                """));

        assertThat(errors).singleElement().asString().contains("is the ARN of a mesh (expected: a virtualNode)");
    }

    @Test
    void whatOtherResourcesSayIsTakenAndWhatOnlyAwsKnowsIsADecision() {
        String others = """
                Resources:
                  Registry: { Type: 'AWS::ServiceDiscovery::Service', Properties: { Name: color } }
                  Space: { Type: 'AWS::ServiceDiscovery::PrivateDnsNamespace', Properties: { Name: !Sub 'x.local' } }
                  Balancer: { Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer' }
                  Certificate: { Type: 'AWS::CertificateManager::Certificate' }
                  Node:
                    Type: AWS::AppMesh::VirtualNode
                    Properties:
                      MeshName: shop
                      VirtualNodeName: n
                      Spec:
                        Listeners:
                          - PortMapping: { Port: 80, Protocol: http }
                            TLS: { Mode: STRICT, Certificate: { ACM: { CertificateArn: !Ref Certificate } } }
                        ServiceDiscovery: { DNS: { Hostname: %s } }
                """;

        ReadResult derived = read(
                Map.of(), "a.yaml", others.formatted("!Join [ ., [ !GetAtt Registry.Name, !GetAtt Space.Name ] ]"));
        ReadResult open = read(Map.of(), "a.yaml", others.formatted("!GetAtt Balancer.DNSName"));

        assertThat(hostname(derived)).isEqualTo("color.x.local");
        ListenerTls tls = ((VirtualNode) derived.resources().all().iterator().next())
                .listeners()
                .get(0)
                .tls();
        assertThat(tls).isNotNull();
        assertThat(tls.certificate())
                .isEqualTo(new TlsCertificate.Acm("arn:aws:acm:us-east-1:000000000000:certificate/Certificate"));
        assertThat(hostname(open)).isEqualTo("Balancer.DNSName");
        assertThat(Read.notes(open))
                .anySatisfy(note -> assertThat(note)
                        .contains(
                                "a.yaml:15:46",
                                "Spec.ServiceDiscovery.DNS.Hostname",
                                "needs a decision: ",
                                "exists only in AWS"));
    }

    // Parameters.

    @Test
    void parametersComeFromTheValuesThenTheFileThenTheDefaultThenTheEnvironment() {
        String template = node("!Ref P", "Parameters: { P: { Type: String, Default: d } }");
        String open = node("!Ref P", "Parameters: { P: { Type: String } }");
        String file = "[ { \"ParameterKey\": \"P\", \"ParameterValue\": \"f\" } ]";

        assertThat(hostname(read(Map.of("P", "v"), "a.yaml", template, "a.parameters.json", file)))
                .isEqualTo("v");
        assertThat(hostname(read(Map.of(), Map.of("P", "e"), "a.yaml", template, "a.parameters.json", file)))
                .isEqualTo("f");
        assertThat(hostname(read(Map.of(), Map.of("P", "e"), "a.yaml", template)))
                .isEqualTo("d");
        assertThat(hostname(read(Map.of(), Map.of("P", "e"), "a.yaml", open))).isEqualTo("e");
        assertThat(hostname(read(Map.of(), "a.yaml", open))).isEqualTo("P");
    }

    @Test
    void aFileOfParametersIsForTheTemplateThatItsNameSays() {
        String open = node("!Ref P", "Parameters: { P: { Type: String } }");

        for (String name : List.of(
                "x/a.parameters.json",
                "x/a-parameters.json",
                "x/a.params.json",
                "x/a_params.yaml",
                "x/parameters.json",
                "x/params.json")) {
            assertThat(hostname(read(Map.of(), "x/a.yaml", open, name, "{\"P\": \"f\"}")))
                    .as(name)
                    .isEqualTo("f");
            assertThat(hostname(read(Map.of(), "x/a.yaml", open, name, "{\"Parameters\": {\"P\": \"f\"}}")))
                    .as(name)
                    .isEqualTo("f");
        }
        ReadResult other =
                read(Map.of(), "x/a.yaml", open, "x/prod.json", "[{\"ParameterKey\":\"P\",\"ParameterValue\":\"f\"}]");
        assertThat(hostname(other)).isEqualTo("P");
        assertThat(Read.notes(other)).anySatisfy(note -> assertThat(note).contains("x/prod.json", "are not used"));
        assertThat(hostname(read(
                        Map.of(),
                        "x/a.yaml",
                        open,
                        "x/parameters.json",
                        "{\"P\":\"b\"}",
                        "x/a.parameters.json",
                        "{\"P\":\"a\"}")))
                .isEqualTo("a");
        assertThat(hostname(read(Map.of(), "x/a.yaml", open, "y/parameters.json", "{\"P\":\"b\"}")))
                .isEqualTo("P");
    }

    @Test
    void anOpenParameterStandsForItselfInANameAndIsToldOnce() {
        ReadResult result = read(Map.of(), "mesh.yaml", """
                Parameters:
                  Project: { Type: String }
                Resources:
                  Mesh: { Type: 'AWS::AppMesh::Mesh', Properties: { MeshName: !Sub '${Project}-mesh' } }
                  S: { Type: 'AWS::AppMesh::VirtualService', Properties: { MeshName: !GetAtt Mesh.MeshName, VirtualServiceName: !Sub 's.${Project}', Spec: {} } }
                """);

        assertThat(Read.errors(result)).isEmpty();
        assertThat(result.resources().ids()).contains(ResourceId.of(Kind.VIRTUAL_SERVICE, "Project-mesh", "s.Project"));
        assertThat(Read.notes(result))
                .singleElement()
                .asString()
                .contains(
                        "mesh.yaml:2:3",
                        "Parameters.Project",
                        "neither a default nor a value",
                        "give it in the values (Project: …) or in mesh.parameters.json");
    }

    @Test
    void anOpenParameterThatDecidesOnTrafficRefusesWhatUsesItAndNothingElse() {
        String sections = """
                Parameters: { W: { Type: Number }, Env: { Type: String } }
                Conditions: { IsProd: !Equals [ !Ref Env, prod ] }
                """;

        assertThat(Read.errors(read(Map.of(), "a.yaml", route("!Ref W", sections))))
                .singleElement()
                .asString()
                .contains(
                        "a.yaml:14:",
                        "Resources.R.Properties.Spec.HttpRoute.Action.WeightedTargets[0].Weight",
                        "parameter 'W' has neither a default nor a value; give it in the values");
        assertThat(Read.errors(read(Map.of(), "a.yaml", route("!If [ IsProd, 1, 2 ]", sections))))
                .singleElement()
                .asString()
                .contains("condition 'IsProd'", "parameter 'Env' has neither");
        assertThat(weights(read(Map.of("W", "7"), "a.yaml", route("!Ref W", sections))))
                .containsExactly(7);
        assertThat(weights(read(Map.of("Env", "prod"), "a.yaml", route("!If [ IsProd, 1, 2 ]", sections))))
                .containsExactly(1);
    }

    @Test
    void whatDecidesOnNothingMayStayOpen() {
        String sections = """
                Parameters: { Env: { Type: String } }
                Conditions: { Any: !Or [ !Equals [ !Ref Env, prod ], !Equals [ a, a ] ] }
                """;

        assertThat(weights(read(Map.of(), "a.yaml", route("!If [ Any, 1, !Ref Env ]", sections))))
                .containsExactly(1);
    }

    @Test
    void valuesKeepToWhatTheTemplateDeclares() {
        String parameters = """
                Parameters:
                  W: { Type: Number, MinValue: 1, MaxValue: 50, Default: 10 }
                  E: { Type: String, AllowedValues: [ 5, 6 ], Default: 5 }
                  P: { Type: String, AllowedPattern: '[0-9]+', Default: 9 }
                  L: { Type: CommaDelimitedList, Default: '1, 2 ,3' }
                  S: { Type: 'AWS::SSM::Parameter::Value<String>', Default: /mesh/weight }
                """;

        assertThat(weights(read(Map.of(), "a.yaml", route("!Ref W", parameters))))
                .containsExactly(10);
        assertThat(weights(read(Map.of(), "a.yaml", route("!Select [ 1, !Ref L ]", parameters))))
                .containsExactly(2);
        assertThat(weights(read(Map.of("/mesh/weight", "4"), "a.yaml", route("!Ref S", parameters))))
                .containsExactly(4);
        assertThat(weights(read(Map.of("S", "4"), "a.yaml", route("!Ref S", parameters))))
                .containsExactly(4);
        assertThat(Read.errors(read(Map.of(), "a.yaml", route("!Ref S", parameters))))
                .singleElement()
                .asString()
                .contains("parameter 'S' has its value in AWS Systems Manager only");
        assertThat(Read.errors(read(Map.of("W", "51"), "a.yaml", route("!Ref W", parameters))))
                .singleElement()
                .asString()
                .contains("parameter 'W' is '51' (expected: at most 50, as the template declares it)");
        assertThat(Read.errors(read(Map.of("W", "x"), "a.yaml", route("!Ref W", parameters))))
                .singleElement()
                .asString()
                .contains("(expected: a number");
        assertThat(Read.errors(read(Map.of("E", "7"), "a.yaml", route("!Ref E", parameters))))
                .singleElement()
                .asString()
                .contains("one of 5 or 6");
        assertThat(Read.errors(read(Map.of("P", "x"), "a.yaml", route("!Ref P", parameters))))
                .singleElement()
                .asString()
                .contains("text that matches [0-9]+");
        assertThat(weights(read(Map.of("W", "60"), "a.yaml", route("3", parameters))))
                .containsExactly(3);
    }

    @Test
    void anExpressionThatBacktracksWithoutEndHoldsNothingUp() {
        String parameters = "Parameters: { P: { Type: String, AllowedPattern: '(.*.*.*.*.*.*)b' } }";

        ReadResult result = read(Map.of("P", "a".repeat(60)), "a.yaml", node("!Ref P", parameters));

        assertThat(hostname(result)).hasSize(60);
    }

    @Test
    void pseudoParametersAreGivenOrReadable() {
        String arn = "!Sub '${AWS::Partition}.${AWS::Region}.${AWS::AccountId}.${AWS::StackName}'";

        ReadResult open = read(Map.of(), "x/mesh.template.yaml", node(arn));
        ReadResult given = read(
                Map.of("AWS::StackName", "s", "AWS::AccountId", "1"),
                Map.of("AWS_REGION", "cn-north-1"),
                "a.yaml",
                node(arn));

        assertThat(hostname(open)).isEqualTo("aws.us-east-1.000000000000.mesh");
        assertThat(Read.notes(open))
                .hasSize(3)
                .allSatisfy(note -> assertThat(note).contains("is not known"));
        assertThat(hostname(given)).isEqualTo("aws-cn.cn-north-1.1.s");
        assertThat(Read.notes(given)).isEmpty();
    }

    // Placeholders.

    @Test
    void placeholdersOfDeploymentToolsAreFilledWhereCloudFormationHasNoneOfThatName() {
        String parameters = "Parameters: { P: { Type: String, Default: p } }";

        assertThat(hostname(read(Map.of("HOST", "h"), "a.yaml", node("'${HOST}.x'", parameters))))
                .isEqualTo("h.x");
        assertThat(hostname(read(Map.of("HOST", "h", "P", "q"), "a.yaml", node("!Sub '${HOST}.${P}'", parameters))))
                .isEqualTo("h.q");
        assertThat(hostname(read(Map.of("host", "h"), "a.yaml", node("!Sub '{{ .Values.host }}.${P}'", parameters))))
                .isEqualTo("h.p");
        assertThat(errorsOf("!Sub '${HOST}'", parameters))
                .singleElement()
                .asString()
                .contains("no parameter or resource is called 'HOST'");
        assertThat(errorsOf("'${HOST}'", parameters)).singleElement().asString().contains("nothing fills ${HOST}");
    }

    @Test
    void scriptsInOtherResourcesAreNobodysBusiness() {
        ReadResult result = read(Map.of(), "a.yaml", node("h", "Transform: AWS::Serverless-2016-10-31") + """
                  Machine:
                    Type: AWS::EC2::Instance
                    Properties:
                      UserData: { 'Fn::Base64': !Sub 'echo ${HOME} ${NOPE.Arn}' }
                      Other: '${UNFILLED} {{resolve:ssm:x}}'
                      Zone: !Select [ 0, !GetAZs '' ]
                """);

        assertThat(hostname(result)).isEqualTo("h");
        assertThat(result.problems()).isEmpty();
    }

    // Several templates.

    @Test
    void exportsOfOtherTemplatesAreImported() {
        String mesh = """
                Parameters: { Env: { Type: String, Default: prod } }
                Resources:
                  Mesh: { Type: 'AWS::AppMesh::Mesh', Properties: { MeshName: shop } }
                Outputs:
                  Host: { Value: !Join [ ., [ !GetAtt Mesh.MeshName, local ] ], Export: { Name: !Sub '${Env}:Host' } }
                """;
        String importing = node(
                "{ 'Fn::ImportValue': !Sub '${Env}:Host' }", "Parameters: { Env: { Type: String, Default: prod } }");

        assertThat(hostname(read(Map.of(), "b.yaml", importing, "a.yaml", mesh)))
                .isEqualTo("shop.local");
        assertThat(hostname(read(Map.of("prod:Host", "v"), "b.yaml", importing)))
                .isEqualTo("v");
        ReadResult alone = read(Map.of(), "b.yaml", importing);
        assertThat(hostname(alone)).isEqualTo("prod:Host");
        assertThat(Read.notes(alone)).singleElement().asString().contains("no template here exports 'prod:Host'");
    }

    @Test
    void aNestedStackTakesItsParametersAndGivesItsOutputs() {
        String outer = """
                Resources:
                  Inner:
                    Type: AWS::CloudFormation::Stack
                    Properties: { TemplateURL: !Sub 'https://${AWS::Region}/inner.yaml', Parameters: { P: given } }
                  S:
                    Type: AWS::AppMesh::VirtualService
                    Properties: { MeshName: shop, VirtualServiceName: !GetAtt Inner.Outputs.Host, Spec: {} }
                """;
        String inner = node("!Ref P", "Parameters: { P: { Type: String, Default: d } }") + """
                Outputs: { Host: { Value: !Sub 'out.${P}' } }
                """;

        ReadResult result = read(Map.of(), "outer.yaml", outer, "inner.yaml", inner);

        assertThat(hostname(result)).isEqualTo("given");
        assertThat(result.resources().ids()).contains(id(Kind.VIRTUAL_SERVICE, "out.given"));
    }

    @Test
    void aChangeInOneTemplateShowsInThoseThatImportFromIt() {
        DocumentSet set = Read.reader();
        String importing = node("!ImportValue Host");
        String exporting = """
                Resources: { M: { Type: 'AWS::AppMesh::Mesh', Properties: { MeshName: shop } } }
                Outputs: { H: { Value: %s, Export: { Name: Host } } }
                """;

        assertThat(hostname(Read.files(set, "a.yaml", importing, "b.yaml", exporting.formatted("one"))))
                .isEqualTo("one");
        assertThat(hostname(Read.files(set, "a.yaml", importing, "b.yaml", exporting.formatted("two"))))
                .isEqualTo("two");
        assertThat(hostname(Read.files(
                        set,
                        "a.yaml",
                        node("!Ref P", "Parameters: { P: { Type: String } }"),
                        "parameters.json",
                        "{\"P\":\"x\"}")))
                .isEqualTo("x");
        assertThat(hostname(Read.files(
                        set,
                        "a.yaml",
                        node("!Ref P", "Parameters: { P: { Type: String } }"),
                        "parameters.json",
                        "{\"P\":\"y\"}")))
                .isEqualTo("y");
    }

    // Spelling.

    @Test
    void irregularMembersAreReadAndRegularOnesRefusedWithAHint() {
        String node = """
                Resources:
                  N:
                    Type: AWS::AppMesh::VirtualNode
                    Properties:
                      MeshName: shop
                      VirtualNodeName: n
                      Tags: [ { Key: a, Value: b } ]
                      Spec:
                        Listeners:
                          - PortMapping: { Port: '80', Protocol: http2 }
                            ConnectionPool: { HTTP2: { MaxRequests: '10' } }
                            Timeout: { HTTP2: { PerRequest: { Unit: s, Value: '5' } } }
                            TLS: { Mode: STRICT, Certificate: { SDS: { SecretName: s } } }
                        BackendDefaults: { ClientPolicy: { TLS: { Enforce: 'false', Validation: { Trust: { ACM: { CertificateAuthorityArns: [ a ] } } } } } }
                        ServiceDiscovery: { AWSCloudMap: { NamespaceName: x, ServiceName: y, Attributes: [ { Key: k, Value: 1 } ] } }
                        Logging: { AccessLog: { File: { Path: /dev/stdout, Format: { Json: [ { Key: k, Value: v } ] } } } }
                """;

        ReadResult result = read(Map.of(), "a.yaml", node);

        assertThat(Read.errors(result)).isEmpty();
        VirtualNode read = (VirtualNode) result.resources().all().iterator().next();
        assertThat(read.listeners().get(0).timeout()).isNotNull();
        assertThat(read.listeners().get(0).timeout().perRequest()).isEqualTo(Duration.ofSeconds(5));
        assertThat(read.serviceDiscovery()).isEqualTo(new ServiceDiscovery.CloudMap("x", "y", Map.of("k", "1"), null));
        for (String[] pair : new String[][] {
            {"TLS: { Mode", "Tls: { Mode"},
            {"SDS:", "Sds:"},
            {"ACM:", "Acm:"},
            {"AWSCloudMap:", "AwsCloudMap:"},
            {"HTTP2: { Max", "Http2: { Max"},
            {"HTTP2: { Per", "Http2: { Per"}
        }) {
            String wrong = pair[1].substring(0, pair[1].indexOf(':'));
            String right = pair[0].substring(0, pair[0].indexOf(':'));
            assertThat(Read.errors(read(Map.of(), "a.yaml", node.replace(pair[0], pair[1]))))
                    .as(wrong)
                    .singleElement()
                    .asString()
                    .contains("unknown member '" + wrong + "'; CloudFormation writes '" + right + "'");
        }
    }

    @Test
    void membersAsTheApiWritesThemAreTakenWithANote() {
        ReadResult result = read(
                Map.of(),
                "a.yaml",
                route("1").replace("HttpRoute:", "httpRoute:").replace("Weight:", "weight:"));

        assertThat(weights(result)).containsExactly(1);
        assertThat(Read.notes(result))
                .anySatisfy(note ->
                        assertThat(note).contains("a.yaml:10:9", "CloudFormation's own spelling is 'HttpRoute'"))
                .anySatisfy(note -> assertThat(note).contains("CloudFormation's own spelling is 'Weight'"));
    }

    @Test
    void unknownMembersAreRefusedInTheTemplatesSpelling() {
        ReadResult result = read(Map.of(), "a.yaml", route("1").replace("Prefix: /", "Prefx: /"));
        ReadResult both = read(Map.of(), "b.yaml", node("h").replace("{ DNS:", "{ AWSCloudMap: {}, DNS:"));

        assertThat(Read.errors(result))
                .singleElement()
                .asString()
                .contains(
                        "a.yaml:11:20",
                        "Resources.R.Properties.Spec.HttpRoute.Match.Prefx",
                        "unknown member 'Prefx'; did you mean 'Prefix'?");
        assertThat(Read.errors(both))
                .anySatisfy(error -> assertThat(error)
                        .contains("Spec.ServiceDiscovery.AWSCloudMap", "only one of DNS and AWSCloudMap"));
    }

    @Test
    void checksOfTheSetNameFieldsAsTheTemplateDoes() {
        ReadResult result = read(Map.of(), "a.yaml", route("1"));

        assertThat(Read.notes(result))
                .anySatisfy(note -> assertThat(note)
                        .contains(
                                "a.yaml:12:55",
                                "Resources.R.Properties.Spec.HttpRoute.Action.WeightedTargets[0].VirtualNode",
                                "is not here"));
    }

    @Test
    void booleansOfOldYamlAreBooleansAndNumbersAreText() {
        String template = route("1")
                .replace(
                        "Prefix: /",
                        "Prefix: /, Headers: [ { Name: a, Invert: no, Match: { Exact: 1 } }, { Name: b, Invert: on } ]");

        assertThat(weights(read(Map.of(), "a.yaml", template))).containsExactly(1);
    }

    // What is broken.

    @Test
    void aBrokenResourceLeavesItsNeighboursAlone() {
        ReadResult result = read(Map.of(), "a.yaml", """
                Resources:
                  Mesh: { Type: 'AWS::AppMesh::Mesh', Properties: { MeshName: shop } }
                  Bad: { Type: 'AWS::AppMesh::VirtualService', Properties: { MeshName: shop, VirtualServiceName: b, Spec: { Provider: 1 } } }
                  Odd: { Type: 'AWS::AppMesh::VirtualServce', Properties: {} }
                  NoType: { Properties: {} }
                  List: []
                  Loose: { Type: 'AWS::AppMesh::VirtualRouter', Properties: { MeshName: !GetAtt Nowhere.MeshName, Spec: {} } }
                  Extra: { Type: 'AWS::AppMesh::Mesh', Propertys: {} }
                  Twice: { Type: 'AWS::AppMesh::Mesh', Properties: { MeshName: a, MeshName: b } }
                  Good: { Type: 'AWS::AppMesh::VirtualService', Properties: { MeshName: shop, VirtualServiceName: g, Spec: {} } }
                """);

        assertThat(result.resources().ids())
                .containsExactlyInAnyOrder(ResourceId.of(Kind.MESH, "shop", "shop"), id(Kind.VIRTUAL_SERVICE, "g"));
        assertThat(Read.errors(result))
                .hasSize(7)
                .allSatisfy(error -> assertThat(error).contains("a.yaml:"));
        assertThat(String.join("\n", Read.errors(result)))
                .contains(
                        "a.yaml:3:",
                        "did you mean 'AWS::AppMesh::VirtualService'?",
                        "a.yaml:5:3",
                        "a.yaml:6:3",
                        "is called 'Nowhere'",
                        "did you mean 'Properties'?",
                        "'MeshName' is written twice");
    }

    @Test
    void circlesEndWithAnError() {
        ReadResult result = read(Map.of(), "a.yaml", """
                Conditions: { A: !Not [ Condition: B ], B: !Not [ Condition: A ] }
                Resources:
                  X: { Type: 'AWS::AppMesh::Mesh', DependsOn: Y, Properties: { MeshName: !GetAtt Y.MeshName } }
                  Y: { Type: 'AWS::AppMesh::Mesh', DependsOn: X, Properties: { MeshName: !Ref X } }
                  Z: { Type: 'AWS::AppMesh::Mesh', Condition: A, Properties: { MeshName: z } }
                  I: { Type: 'AWS::AppMesh::Mesh', Properties: { MeshName: !ImportValue I } }
                Outputs: { I: { Value: !GetAtt I.MeshName, Export: { Name: I } } }
                """);

        assertThat(result.resources().size()).isZero();
        assertThat(Read.errors(result))
                .hasSize(4)
                .allSatisfy(error -> assertThat(error).contains("depends on itself", "break the circle"));
    }

    @Test
    void growthHasAnEnd() {
        StringBuilder names = new StringBuilder("Resources:\n");
        for (int i = 0; i < 60; i++) {
            names.append("  M")
                    .append(i)
                    .append(": { Type: 'AWS::AppMesh::Mesh', Properties: { MeshName: !Sub '${M")
                    .append(i + 1)
                    .append(".MeshName}${M")
                    .append(i + 1)
                    .append(".MeshName}' } }\n");
        }
        names.append("  M60: { Type: 'AWS::AppMesh::Mesh', Properties: { MeshName: ab } }\n");
        StringBuilder chain = new StringBuilder("Resources:\n");
        for (int i = 0; i < 5_000; i++) {
            chain.append("  M")
                    .append(i)
                    .append(": { Type: 'AWS::AppMesh::Mesh', Properties: { MeshName: !GetAtt M")
                    .append(i + 1)
                    .append(".MeshName } }\n");
        }
        chain.append("  M5000: { Type: 'AWS::AppMesh::Mesh', Properties: { MeshName: ab } }\n");

        ReadResult grown = read(Map.of(), "a.yaml", names.toString());
        ReadResult chained = read(Map.of(), "a.yaml", chain.toString());

        assertThat(String.join("\n", Read.errors(grown))).contains("characters");
        assertThat(grown.resources().ids()).contains(ResourceId.of(Kind.MESH, "ab", "ab"));
        assertThat(String.join("\n", Read.errors(chained))).contains("over more than");
    }

    @Test
    void whatRunsInAwsIsRefusedOnlyWhereTheMeshUsesIt() {
        assertThat(errorsOf("'{{resolve:ssm:/a}}'")).singleElement().asString().contains("is looked up in AWS only");
        assertThat(errorsOf("{ 'Fn::Transform': { Name: x } }"))
                .singleElement()
                .asString()
                .contains("runs in AWS");
        assertThat(errorsOf("!Select [ 0, !GetAZs '' ]"))
                .singleElement()
                .asString()
                .contains("is not computed here");
        assertThat(errorsOf("!Sbu x")).singleElement().asString().contains("did you mean 'Fn::Sub'?");
        assertThat(errorsOf("!Sub [ 'a', { } , c ]")).singleElement().asString().contains("3 arguments");
        assertThat(errorsOf("!Join [ '', a ]")).singleElement().asString().contains("(expected: a list)");
        assertThat(errorsOf("!Select [ 2, [ a ] ]")).singleElement().asString().contains("0 to 0");
        assertThat(errorsOf("!GetAtt Node")).singleElement().asString().contains("LogicalId.Attribute");
        assertThat(errorsOf("!GetAtt Node.VirtualNodName"))
                .singleElement()
                .asString()
                .contains("did you mean 'VirtualNodeName'?");
        assertThat(errorsOf("!If [ Nope, a, b ]")).singleElement().asString().contains("no condition is called 'Nope'");
        assertThat(errorsOf("~")).singleElement().asString().contains("null (CloudFormation takes none)");
        assertThat(errorsOf("{ A: b }"))
                .singleElement()
                .asString()
                .contains("DNS.Hostname: a mapping (expected: text)");
    }

    @Test
    void loopsAndMacrosAreTold() {
        ReadResult loop = read(Map.of(), "a.yaml", """
                Transform: [ AWS::LanguageExtensions, OurMacro ]
                Resources:
                  Fn::ForEach::Nodes:
                    - Name
                    - [ a, b ]
                    - 'N${Name}': { Type: 'AWS::AppMesh::VirtualNode', Properties: { MeshName: m, Spec: {} } }
                  M: { Type: 'AWS::AppMesh::Mesh' }
                """);

        assertThat(Read.errors(loop)).singleElement().asString().contains("a.yaml:3:3", "Fn::ForEach is not unrolled");
        assertThat(Read.notes(loop))
                .anySatisfy(note -> assertThat(note).contains("the macro 'OurMacro' runs in AWS only"));
        assertThat(loop.resources().size()).isEqualTo(1);
    }

    // Whole files.

    @Test
    void whatTheCdkSynthesizesIsRead() {
        ReadResult result = read(Map.of(), "Shop.template.json", """
                {"Resources": {
                  "mesh5A51EE07": {"Type": "AWS::AppMesh::Mesh", "Properties": {"MeshName": "shop", "Spec": {}},
                    "Metadata": {"aws:cdk:path": "Shop/mesh/Resource"}},
                  "node1": {"Type": "AWS::AppMesh::VirtualNode", "Properties": {
                    "MeshName": {"Fn::GetAtt": ["mesh5A51EE07", "MeshName"]},
                    "MeshOwner": {"Ref": "AWS::AccountId"},
                    "Spec": {"Backends": [{"VirtualService": {"VirtualServiceName": {"Fn::Select": [4, {"Fn::Split": ["/",
                      {"Fn::Join": ["", ["a/b/", {"Ref": "AWS::Partition"}, "/c/", "cart"]]}]}]}}}],
                      "Listeners": [{"PortMapping": {"Port": 8080, "Protocol": "http"}}],
                      "ServiceDiscovery": {"DNS": {"Hostname": "n", "ResponseType": "LOADBALANCER"}}},
                    "VirtualNodeName": "node"}},
                  "CDKMetadata": {"Type": "AWS::CDK::Metadata", "Properties": {"Analytics": "v2"}, "Condition": "CDKMetadataAvailable"}},
                 "Conditions": {"CDKMetadataAvailable": {"Fn::Or": [{"Fn::Equals": [{"Ref": "AWS::Region"}, "af-south-1"]},
                   {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}]}},
                 "Parameters": {"BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk/version"}},
                 "Rules": {"CheckBootstrapVersion": {"Assertions": [{"Assert": {"Fn::Not": [{"Fn::Contains": [["1"], {"Ref": "BootstrapVersion"}]}]}}]}}}
                """);

        assertThat(Read.errors(result)).isEmpty();
        assertThat(result.resources().ids())
                .containsExactlyInAnyOrder(ResourceId.of(Kind.MESH, "shop", "shop"), id(Kind.VIRTUAL_NODE, "node"));
        VirtualNode node = (VirtualNode) result.resources().all().stream()
                .filter(VirtualNode.class::isInstance)
                .findFirst()
                .orElseThrow();
        assertThat(node.backends())
                .singleElement()
                .extracting("virtualServiceName")
                .isEqualTo("cart");
    }

    @Test
    void aTemplateWithoutMeshResourcesIsSkipped() {
        ReadResult result = read(Map.of(), "vpc.yaml", """
                AWSTemplateFormatVersion: '2010-09-09'
                Resources: { Vpc: { Type: 'AWS::EC2::VPC' } }
                """);

        assertThat(result.skipped()).containsExactly("vpc.yaml");
        assertThat(result.problems()).isEmpty();
    }

    @Test
    void templatesOfSomethingElseAreSkippedWithoutBeingParsed() {
        ReadResult result = read(Map.of(), "nginx.conf.template", "server { listen ${PORT}; location / { } }\n\t}");

        assertThat(result.skipped()).containsExactly("nginx.conf.template");
        assertThat(result.problems()).isEmpty();
    }

    @Test
    void aTemplateOfAnyEndingIsKnownByItsContent() {
        String json =
                "{\"Resources\": {\"M\": {\"Type\": \"AWS::AppMesh::Mesh\", \"Properties\": {\"MeshName\": \"shop\"}}}}";

        for (String name : Arrays.asList("a.template", "a.json", "a.yaml", "a.yml")) {
            assertThat(read(Map.of(), name, json).resources().size()).as(name).isEqualTo(1);
        }
    }
}
