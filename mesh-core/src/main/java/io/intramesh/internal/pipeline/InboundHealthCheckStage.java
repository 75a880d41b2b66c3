package io.intramesh.internal.pipeline;

/** Recognizes the health checks that the listener declares. */
final class InboundHealthCheckStage implements InboundStage {

    @Override
    public InboundAdmission admit(InboundExchange exchange) {
        InboundListener listener = exchange.listener();
        if (listener != null && listener.isHealthCheck(exchange.request())) {
            exchange.markHealthCheck();
        }
        return InboundAdmission.PASS;
    }
}
