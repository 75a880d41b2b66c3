package io.intramesh.benchmarks.tls;

import io.intramesh.Mesh;
import io.intramesh.registry.FileRegistry;
import io.intramesh.testing.tls.PemFiles;
import io.intramesh.testing.tls.TestAuthority;
import io.intramesh.testing.tls.TestCertificate;
import io.intramesh.tls.TlsSettings;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;

/** A mesh of a caller and a callee who know each other by certificates, in a folder. */
final class Shop {
    static final String KEY_STORE = "keys.p12";
    static final String TRUST_STORE = "trust.p12";
    static final String PASSWORD = "changeit";

    private final Path folder;
    private final TestAuthority authority = TestAuthority.create("bench.local");

    Shop(Path folder) {
        this.folder = folder;
    }

    /** Gives a node a certificate for the whole run, and the JDK a store with the same, and with who is trusted. */
    void issue(String node) throws IOException {
        TestCertificate certificate = authority.node("bench", node);
        authority.write(folder.resolve(node), certificate);
        try (OutputStream out = Files.newOutputStream(folder.resolve(node).resolve(KEY_STORE))) {
            certificate.keyStore(PASSWORD.toCharArray()).store(out, PASSWORD.toCharArray());
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
        try (OutputStream out = Files.newOutputStream(folder.resolve(node).resolve(TRUST_STORE))) {
            authority.trustStore().store(out, PASSWORD.toCharArray());
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    /** Gives a node a certificate that holds for so long, in place of the one that it has. */
    PemFiles renew(String node, Duration ttl) throws IOException {
        return authority.write(
                folder.resolve(node),
                authority.certificate().node("bench", node).ttl(ttl).issue());
    }

    /** Writes the documents; the listener speaks that protocol. */
    void write(String protocol, boolean withEverything) throws IOException {
        Path mesh = Files.createDirectories(folder.resolve("mesh"));
        Files.writeString(
                mesh.resolve("mesh.yaml"),
                (withEverything ? RESOURCES + EVERYTHING : RESOURCES)
                        .replace("PROTOCOL", protocol)
                        .replace("FOLDER", folder.toString())
                        .replace("DOMAIN", authority.trustDomain()));
    }

    /** Writes where the callee listens. */
    void endpoint(int port) throws IOException {
        Files.writeString(folder.resolve("mesh").resolve("endpoints.yaml"), ENDPOINTS.replace("PORT", "" + port));
    }

    static Mesh start(Path folder, String node, TlsSettings settings) {
        return Mesh.builder()
                .registry(FileRegistry.of(folder.resolve("mesh")))
                .virtualNode(node)
                .tls(settings)
                .start();
    }

    private static final String RESOURCES = """
            apiVersion: intramesh.io/v1
            kind: Mesh
            metadata: { name: bench }
            spec: {}
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: bench, name: caller }
            spec:
              backends:
                - virtualService:
                    virtualServiceName: callee.local
                    clientPolicy:
                      tls:
                        certificate: { file: { certificateChain: FOLDER/caller/chain.pem, privateKey: FOLDER/caller/key.pem } }
                        validation:
                          trust: { file: { certificateChain: FOLDER/caller/trust.pem } }
                          subjectAlternativeNames: { match: { exact: ["spiffe://DOMAIN/bench/callee"] } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: bench, name: callee }
            spec:
              serviceDiscovery: { dns: { hostname: callee.invalid } }
              listeners:
                - portMapping: { port: 8443, protocol: PROTOCOL }
                  tls:
                    mode: STRICT
                    certificate: { file: { certificateChain: FOLDER/callee/chain.pem, privateKey: FOLDER/callee/key.pem } }
                    validation:
                      trust: { file: { certificateChain: FOLDER/callee/trust.pem } }
                      subjectAlternativeNames: { match: { exact: ["spiffe://DOMAIN/bench/caller"] } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualService
            metadata: { mesh: bench, name: callee.local }
            spec: { provider: { virtualNode: { virtualNodeName: callee } } }
            """;

    private static final String EVERYTHING = """
            ---
            apiVersion: intramesh.io/v1
            kind: TrafficPolicy
            metadata: { mesh: bench, name: calls }
            spec:
              targetRef: { kind: VirtualService, name: callee.local }
              loadBalancing: { algorithm: peak-ewma, slowStart: { unit: s, value: 1 } }
              retryBudget: { percent: 20, minRetriesPerSecond: 10, window: { unit: s, value: 10 } }
              circuitBreaker: { consecutiveFailures: 3, failureRate: 50, openFor: { unit: s, value: 10 } }
            ---
            apiVersion: intramesh.io/v1
            kind: TrafficPolicy
            metadata: { mesh: bench, name: callee }
            spec:
              targetRef: { kind: VirtualNode, name: callee }
              outlierDetection: { successRate: {} }
              panicThreshold: 30
              rateLimit: { requests: 1000000, per: { unit: s, value: 1 } }
            ---
            apiVersion: intramesh.io/v1
            kind: AccessPolicy
            metadata: { mesh: bench, name: callers }
            spec:
              targetRef: { kind: VirtualNode, name: callee }
              mode: ENFORCE
              defaultDeny: true
              rules:
                - { name: items, effect: ALLOW, callers: [{ virtualNode: caller }], methods: [GET], paths: [{ prefix: / }] }
                - { name: no-admin, effect: DENY, paths: [{ prefix: /admin }] }
            """;

    private static final String ENDPOINTS = """
            apiVersion: intramesh.io/v1
            kind: Endpoints
            metadata: { mesh: bench, name: callee }
            spec: { virtualNode: callee, endpoints: [{ address: 127.0.0.1, port: PORT }] }
            """;
}
