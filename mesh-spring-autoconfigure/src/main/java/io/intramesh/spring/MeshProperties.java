package io.intramesh.spring;

import io.intramesh.AccessSettings;
import io.intramesh.tls.TlsSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Properties {@code intramesh.*}. Only {@code intramesh.registry} and {@code intramesh.virtual-node} are required, the latter
 * where App Mesh's environment variables do not name the node.
 *
 * @param enabled Whether this application is part of the mesh. False leaves nothing of the mesh behind.
 * @param registry Place of the mesh's resources: a path, or a file: URL, of a file or folder.
 * @param mesh Name of the mesh. Without it, APPMESH_RESOURCE_ARN, APPMESH_RESOURCE_NAME and APPMESH_VIRTUAL_NODE_NAME are asked
 *     in turn; needless where the registry holds a single mesh.
 * @param virtualNode Name of the virtual node that this application is. Without it, APPMESH_RESOURCE_ARN,
 *     APPMESH_RESOURCE_NAME and APPMESH_VIRTUAL_NODE_NAME are asked in turn.
 * @param zone Zone that this application runs in, named as its callees' endpoints name theirs; for traffic policies that prefer
 *     the own zone.
 * @param startTimeout How long the start waits for a first configuration before it fails.
 * @param warmUp How long the start waits for endpoints of declared backends; zero for not at all.
 * @param strict Whether a resource that is written down twice is an error instead of a note.
 * @param values What placeholders in the documents stand for; the environment of the process fills the others.
 * @param refusals How a call that the mesh refuses ends: as an exception, or as a response with the header x-mesh-refusal.
 */
@ConfigurationProperties("intramesh")
public record MeshProperties(
        @DefaultValue("true") boolean enabled,
        @Nullable String registry,
        @Nullable String mesh,
        @Nullable String virtualNode,
        @Nullable String zone,
        @DefaultValue("30s") Duration startTimeout,
        @DefaultValue("3s") Duration warmUp,
        @DefaultValue("false") boolean strict,
        @DefaultValue Map<String, String> values,
        @DefaultValue("exception") Refusals refusals,
        @DefaultValue Inbound inbound,
        @DefaultValue Outbound outbound,
        @DefaultValue Shutdown shutdown,
        @DefaultValue Retries retries,
        @DefaultValue Tls tls,
        @DefaultValue Access access) {
    /**
     * Where the filter stands when nothing else is said: just within Spring Boot's own observation and encoding filters, so
     * that refused requests show in {@code http.server.requests}, and before everything else, security included.
     */
    public static final int DEFAULT_INBOUND_ORDER = Integer.MIN_VALUE + 10;

    public MeshProperties {
        values = Map.copyOf(values);
    }

    /** How a refused call ends. */
    public enum Refusals {
        /** As a {@code MeshCallException}, wrapped as the client wraps input and output errors. */
        EXCEPTION,
        /** As a response with the status and headers that App Mesh's Envoy would have answered with. */
        RESPONSE
    }

    /**
     * Requests that arrive.
     *
     * @param enabled Whether requests that arrive pass the mesh.
     * @param order Place of the mesh's filter among the servlet filters; lower comes first.
     */
    public record Inbound(
            @DefaultValue("true") boolean enabled,
            @DefaultValue("" + DEFAULT_INBOUND_ORDER) int order) {}

    /**
     * Calls out.
     *
     * @param enabled Whether calls of clients that Spring Boot's builders build go through the mesh.
     */
    public record Outbound(@DefaultValue("true") boolean enabled) {}

    /**
     * Attempts that are made again.
     *
     * @param strict Whether written retry policies, too, repeat only what is safe to repeat, instead of every method as in App
     *     Mesh.
     */
    public record Retries(@DefaultValue("false") boolean strict) {}

    /**
     * Who may call this application.
     *
     * @param defaultDeny Whether every request is refused that no access policy allows, also while there is no policy.
     * @param trustDomains Trust domains whose SPIFFE IDs may name virtual nodes of this mesh, beside this application's own.
     * @param spiffePath Where the name of the virtual node stands in the path of a SPIFFE ID.
     */
    public record Access(
            @DefaultValue("false") boolean defaultDeny,
            @DefaultValue Set<String> trustDomains,

            @DefaultValue(AccessSettings.DEFAULT_SPIFFE_PATH)
            String spiffePath) {
        public Access {
            trustDomains = Set.copyOf(trustDomains);
        }
    }

    /**
     * The way out.
     *
     * @param grace How long a stopping application still admits requests, so that callers can notice; zero for not at all.
     *     Skipped where nobody has called it yet, or no embedded web server runs.
     * @param drain How long a stopping application waits for requests under way, once the grace is over. As App Mesh's
     *     LISTENER_DRAIN_WAIT_TIME_S, 20 s where nothing else is said.
     */
    public record Shutdown(
            @DefaultValue("5s") Duration grace,
            @DefaultValue("20s") Duration drain) {}

    /**
     * Encryption: which library does it, and where secrets are that the mesh's resources only name. Files that resources name by
     * path need nothing here.
     *
     * @param provider Which library does TLS.
     * @param fips Whether only a validated provider may be used; the mesh does not start without one.
     * @param reloadInterval How often files are looked at for a renewed certificate or trust.
     * @param trustDomain SPIFFE trust domain that this application's and its peers' SPIFFE IDs must belong to. Any where nothing
     *     is said.
     * @param certificates Certificates that resources name by an SDS secret name or an ACM ARN.
     * @param trusts Trusted authorities that resources name by an SDS secret name or an ARN.
     * @param revocationLists Files of revocation lists, PEM or DER, which hold for every trust.
     */
    public record Tls(
            @DefaultValue("auto") TlsSettings.Provider provider,
            @DefaultValue("false") boolean fips,
            @DefaultValue("1s") Duration reloadInterval,
            @Nullable String trustDomain,
            @DefaultValue Map<String, Certificate> certificates,
            @DefaultValue Map<String, Trust> trusts,
            @DefaultValue List<Path> revocationLists) {
        public Tls {
            certificates = Map.copyOf(certificates);
            trusts = Map.copyOf(trusts);
            revocationLists = List.copyOf(revocationLists);
        }

        /**
         * Where a certificate is: PEM files, or a key store.
         *
         * @param certificateChain PEM file of the certificate and its issuers.
         * @param privateKey PEM file of the key; that of the chain where nothing is said.
         * @param keyStore PKCS#12 or JKS file.
         * @param alias Alias of the key in the key store; needless where it holds a single key.
         * @param password Password of the key store or of an encrypted PEM key.
         * @param passwordFile File that holds the password.
         */
        public record Certificate(
                @Nullable Path certificateChain,
                @Nullable Path privateKey,
                @Nullable Path keyStore,
                @Nullable String alias,
                @Nullable String password,
                @Nullable Path passwordFile) {
            /** Without the password. */
            @Override
            public String toString() {
                return "Certificate[" + (certificateChain == null ? keyStore : certificateChain) + "]";
            }
        }

        /**
         * Where trusted authorities are: a PEM file, or a key store.
         *
         * @param bundle PEM file of one or more authorities.
         * @param keyStore PKCS#12 or JKS file.
         * @param password Password of the key store.
         * @param passwordFile File that holds the password.
         */
        public record Trust(
                @Nullable Path bundle,
                @Nullable Path keyStore,
                @Nullable String password,
                @Nullable Path passwordFile) {
            /** Without the password. */
            @Override
            public String toString() {
                return "Trust[" + (bundle == null ? keyStore : bundle) + "]";
            }
        }
    }
}
