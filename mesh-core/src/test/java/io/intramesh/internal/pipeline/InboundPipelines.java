package io.intramesh.internal.pipeline;

import io.intramesh.internal.time.Chance;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.model.VirtualNode;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Inbound halves of nodes without TLS, about whose refusals nobody writes anything down. */
final class InboundPipelines {
    private InboundPipelines() {}

    static InboundPipeline inPlaintext(
            Supplier<@Nullable VirtualNode> self, Supplier<InboundRules> rules, NanoClock clock, Duration drainGrace) {
        return inPlaintext(self, rules, clock, drainGrace, Chance.shared());
    }

    static InboundPipeline inPlaintext(
            Supplier<@Nullable VirtualNode> self,
            Supplier<InboundRules> rules,
            NanoClock clock,
            Duration drainGrace,
            RandomGenerator random) {
        return new InboundPipeline(self, rules, listener -> null, (exchange, reason) -> {}, clock, drainGrace, random);
    }
}
