package io.intramesh.testing.assertj;

import static java.util.Objects.requireNonNull;

import io.intramesh.OfflineMesh;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.model.Kind;
import io.intramesh.model.Resource;
import io.intramesh.testing.expectation.Expectation;
import io.intramesh.testing.expectation.ExpectationChecker;
import io.intramesh.testing.expectation.Outcome;
import java.util.List;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/** Assertions on a mesh: first who calls whom, then {@link #routes} with what. */
public final class MeshAssert extends AbstractAssert<MeshAssert, OfflineMesh> {
    private @Nullable String mesh;
    private @Nullable String caller;
    private @Nullable String gateway;
    private @Nullable String host;

    MeshAssert(@Nullable OfflineMesh actual) {
        super(actual, MeshAssert.class);
    }

    /** Names the mesh to ask, where there are several. */
    public MeshAssert inMesh(String name) {
        mesh = requireNonNull(name, "name");
        return this;
    }

    /** Names the virtual node that calls; without it, anyone. */
    public MeshAssert from(String virtualNode) {
        caller = requireNonNull(virtualNode, "virtualNode");
        return this;
    }

    /** Names the virtual gateway that requests arrive at. */
    public MeshAssert throughGateway(String virtualGateway) {
        gateway = requireNonNull(virtualGateway, "virtualGateway");
        return this;
    }

    /** Names the virtual service that is called; without it, the URL does, or there is only one. */
    public MeshAssert to(String virtualService) {
        host = requireNonNull(virtualService, "virtualService");
        return this;
    }

    /**
     * Goes on to what becomes of a call.
     *
     * @param call as in a sentence: {@code GET /beta} (with {@link #to}), {@code GET http://payments.local/beta},
     *     {@code grpc stock.local shop.Stock/Reserve}, {@code tcp ledger.local:5432}
     * @throws IllegalArgumentException when it is not understood
     */
    public CallAssert routes(String call) {
        isNotNull();
        ExplainRequest.Builder request = Expectation.parseCall(call, host == null ? onlyService() : host)
                .mesh(mesh)
                .virtualNode(caller)
                .virtualGateway(gateway);
        CallAssert next = new CallAssert(actual, request, call);
        if (info.hasDescription()) {
            next.info.description(info.description());
        }
        return next;
    }

    private @Nullable String onlyService() {
        List<Resource> services = actual.resources().ofKind(Kind.VIRTUAL_SERVICE);
        return services.size() == 1 ? services.get(0).id().name() : null;
    }

    /**
     * Checks a whole sentence, as it stands in a MeshTest document.
     *
     * @throws IllegalArgumentException when it is not understood
     */
    public MeshAssert meets(String sentence) {
        isNotNull();
        Expectation parsed = Expectation.parse(sentence);
        Expectation expectation = mesh == null ? parsed : parsed.inMesh(mesh);
        Outcome outcome = ExpectationChecker.of(actual).check(expectation);
        if (!outcome.isMet()) {
            failWithMessage("%s%n%s", sentence, outcome);
        }
        return this;
    }
}
