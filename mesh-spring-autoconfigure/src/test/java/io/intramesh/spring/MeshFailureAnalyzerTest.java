package io.intramesh.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.MeshConfigException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.io.support.SpringFactoriesLoader;

class MeshFailureAnalyzerTest {
    private final MeshFailureAnalyzer analyzer = new MeshFailureAnalyzer();

    @Test
    void missingPropertiesAreNamedWithWhatToDo() {
        Throwable failure = new IllegalStateException(
                "bean", new MissingMeshPropertiesException(List.of(MeshStart.REGISTRY, MeshStart.VIRTUAL_NODE)));

        FailureAnalysis analysis = analyzer.analyze(failure);

        assertThat(analysis).isNotNull();
        assertThat(analysis.getDescription()).isEqualTo("""
                The mesh cannot start.
                The property 'intramesh.registry' is not set.
                The property 'intramesh.virtual-node' is not set.""");
        assertThat(analysis.getAction()).isEqualTo("""
                Set 'intramesh.registry' to the file or folder that holds the mesh's resources.
                Set 'intramesh.virtual-node' to the name of the virtual node that this application is, or \
                APPMESH_RESOURCE_ARN in the environment.
                An application outside the mesh sets 'intramesh.enabled=false'.""");
    }

    @Test
    void everyProblemOfTheConfigurationIsShown() {
        FailureAnalysis analysis =
                analyzer.analyze(new MeshConfigException("refused", List.of("a.yaml:1:1: one", "b.yaml:2:2: two")));

        assertThat(analysis).isNotNull();
        assertThat(analysis.getDescription()).contains("refused", "a.yaml:1:1: one", "b.yaml:2:2: two");
    }

    @Test
    void otherFailuresAreLeftToOthers() {
        assertThat(analyzer.analyze(new IllegalStateException("else"))).isNull();
    }

    @Test
    void springBootFindsIt() {
        assertThat(SpringFactoriesLoader.forDefaultResourceLocation()
                        .load(FailureAnalyzer.class, (type, name, failure) -> {
                            // Analyzers of Spring Boot's own that need arguments; not ours.
                            assertThat(name).doesNotStartWith("io.intramesh");
                        }))
                .hasAtLeastOneElementOfType(MeshFailureAnalyzer.class);
    }
}
