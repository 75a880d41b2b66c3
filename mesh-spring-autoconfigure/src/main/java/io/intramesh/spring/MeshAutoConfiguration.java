package io.intramesh.spring;

import static java.util.Objects.requireNonNull;

import io.intramesh.AccessSettings;
import io.intramesh.Mesh;
import io.intramesh.MeshListener;
import io.intramesh.registry.EndpointSource;
import io.intramesh.registry.MeshRegistry;
import io.intramesh.tls.SecretSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * Starts the mesh of this application. Beans of the application win: a {@link Mesh}, a {@link MeshRegistry}; beans of type
 * {@link EndpointSource}, {@link MeshListener} and {@link MeshCustomizer} are taken up, and a single {@link SecretSource}.
 */
@AutoConfiguration
@ConditionalOnProperty(prefix = "intramesh", name = "enabled", matchIfMissing = true)
@EnableConfigurationProperties(MeshProperties.class)
public final class MeshAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean({MeshRegistry.class, Mesh.class})
    MeshRegistry meshRegistry(MeshProperties properties, Environment environment) {
        MeshStart.check(properties, MeshIdentity.of(properties, environment), false);
        return RegistryLocation.open(requireNonNull(properties.registry()));
    }

    @Bean
    @ConditionalOnMissingBean
    Mesh mesh(
            MeshProperties properties,
            Environment environment,
            MeshRegistry registry,
            ObjectProvider<EndpointSource> endpointSources,
            ObjectProvider<SecretSource> secretSource,
            ObjectProvider<MeshListener> listeners,
            ObjectProvider<MeshCustomizer> customizers) {
        MeshIdentity identity = MeshIdentity.of(properties, environment);
        MeshStart.check(properties, identity, true);
        Mesh.Builder builder = Mesh.builder()
                .registry(registry)
                .mesh(identity.mesh())
                .virtualNode(identity.virtualNode())
                .zone(properties.zone())
                .startTimeout(properties.startTimeout())
                .warmUp(properties.warmUp())
                .drainGrace(properties.shutdown().grace())
                .values(properties.values())
                .strict(properties.strict())
                .strictRetries(properties.retries().strict())
                .tls(MeshTls.settings(properties.tls()).toBuilder()
                        .secretSource(secretSource.getIfUnique())
                        .build())
                .access(new AccessSettings(
                        properties.access().defaultDeny(),
                        properties.access().trustDomains(),
                        properties.access().spiffePath()));
        // Jars that bring a source along are configured where everything else is.
        builder.installedSourceSettings(name -> environment.getProperty("intramesh." + name));
        endpointSources.orderedStream().forEach(builder::endpointSource);
        customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
        Mesh mesh = builder.start();
        listeners.orderedStream().forEach(mesh::addListener);
        return mesh;
    }
}
