package io.intramesh.internal.balance;

import io.intramesh.call.Endpoint;
import java.util.List;
import java.util.random.RandomGenerator;

/*
 * Of two choices the one with fewer requests under way. Envoy's least-request policy does the same with choice_count 2 [1].
 *
 * [1] Envoy documentation, "Supported load balancers", weighted least request.
 */
final class LeastRequest extends TwoChoices {
    LeastRequest(RandomGenerator chance) {
        super(chance);
    }

    @Override
    Endpoint better(List<Endpoint> endpoints, Endpoint first, Endpoint second) {
        return busy(endpoints, second) < busy(endpoints, first) ? second : first;
    }
}
