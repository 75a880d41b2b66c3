package io.intramesh.spring;

import io.intramesh.spiffe.SpiffeSource;
import io.intramesh.tls.SecretSource;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Takes certificates and trust from the SPIFFE Workload API where mesh-spiffe is on the class path and a socket is named. A
 * {@link SecretSource} of the application wins.
 */
@AutoConfiguration(before = MeshAutoConfiguration.class)
@ConditionalOnClass(SpiffeSource.class)
@ConditionalOnProperty(prefix = "intramesh", name = "enabled", matchIfMissing = true)
@EnableConfigurationProperties(SpiffeProperties.class)
public final class SpiffeAutoConfiguration {
    private static final String PREFIX = "intramesh.tls.spiffe";

    @Bean
    @ConditionalOnMissingBean(SecretSource.class)
    @ConditionalOnProperty(prefix = PREFIX, name = "enabled", matchIfMissing = true)
    @Conditional(SocketIsNamed.class)
    SpiffeSource spiffeSource(SpiffeProperties properties, Environment environment) {
        try {
            return SpiffeSource.builder()
                    .socket(socket(environment))
                    .startTimeout(properties.startTimeout())
                    .open();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(PREFIX + ": " + e.getMessage(), e);
        }
    }

    private static @Nullable String socket(Environment environment) {
        for (String name : new String[] {PREFIX + ".socket", "SPIFFE_ENDPOINT_SOCKET", "APPMESH_SDS_SOCKET_PATH"}) {
            String value = environment.getProperty(name);
            if (value != null && !value.isBlank()) {
                return value;
            }
        }
        return null;
    }

    /** A jar on the class path is no reason to ask where nobody says whom. */
    static final class SocketIsNamed implements Condition {
        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return socket(context.getEnvironment()) != null;
        }
    }
}
