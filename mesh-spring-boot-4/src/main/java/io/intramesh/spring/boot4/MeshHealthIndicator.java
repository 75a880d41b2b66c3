package io.intramesh.spring.boot4;

import io.intramesh.Mesh;
import io.intramesh.spring.MeshHealth;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Shows {@link MeshHealth} in the health endpoint. */
final class MeshHealthIndicator implements HealthIndicator {
    private final Mesh mesh;

    MeshHealthIndicator(Mesh mesh) {
        this.mesh = mesh;
    }

    @Override
    public Health health() {
        MeshHealth health = MeshHealth.of(mesh);
        Health.Builder builder = health.isOutOfService() ? Health.outOfService() : Health.up();
        return builder.withDetails(health.details()).build();
    }
}
