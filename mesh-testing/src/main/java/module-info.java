/** Fakes, assertions and the JUnit extension for tests against a mesh. */
module io.intramesh.testing {
    requires transitive io.intramesh;
    requires static transitive org.assertj.core;
    requires static transitive org.junit.jupiter.api;
    requires static org.jspecify;

    exports io.intramesh.testing.assertj;
    exports io.intramesh.testing.contract;
    exports io.intramesh.testing.expectation;
    exports io.intramesh.testing.junit;
    exports io.intramesh.testing.simulation;
    exports io.intramesh.testing.tls;

    opens io.intramesh.testing.junit to
            org.junit.platform.commons;
}
