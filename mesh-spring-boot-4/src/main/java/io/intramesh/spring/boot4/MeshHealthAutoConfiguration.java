package io.intramesh.spring.boot4;

import io.intramesh.Mesh;
import io.intramesh.spring.MeshAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/** Adds the mesh to the health endpoint of Spring Boot 4, as {@code mesh}. */
@AutoConfiguration(after = MeshAutoConfiguration.class)
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean(Mesh.class)
@ConditionalOnProperty(prefix = "intramesh", name = "enabled", matchIfMissing = true)
@ConditionalOnEnabledHealthIndicator("mesh")
public final class MeshHealthAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = "meshHealthIndicator")
    HealthIndicator meshHealthIndicator(Mesh mesh) {
        return new MeshHealthIndicator(mesh);
    }
}
