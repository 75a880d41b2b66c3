package io.intramesh.internal.pipeline;

import java.util.function.Supplier;

/**
 * Refuses what access policies do not allow. Health checks are let through: they come from balancers and orchestrators
 * without an identity, on the one path that the listener declares.
 */
final class InboundAccessStage implements InboundStage {
    private final Supplier<InboundRules> rules;

    /**
     * @param rules of the snapshot in force, read for each request
     */
    InboundAccessStage(Supplier<InboundRules> rules) {
        this.rules = rules;
    }

    @Override
    public InboundAdmission admit(InboundExchange exchange) {
        InboundAccess access = rules.get().access();
        return access == null || exchange.isHealthCheck() ? InboundAdmission.PASS : access.admit(exchange);
    }
}
