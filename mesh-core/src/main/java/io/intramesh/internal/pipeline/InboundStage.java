package io.intramesh.internal.pipeline;

import org.jspecify.annotations.Nullable;

/**
 * One concern of an inbound request. {@link InboundPipeline} lists them. A stage serves many requests at a time; what it
 * needs to remember of one stands in the exchange.
 */
interface InboundStage {

    /** Decides whether the request goes on to the next stage. Never blocks: a stage that wants to wait says so. */
    InboundAdmission admit(InboundExchange exchange);

    /** Learns the end of a request that this stage let on. Called once, in reverse order of the stages. Never throws. */
    default void ended(InboundExchange exchange, int status, @Nullable Throwable failure) {}
}
