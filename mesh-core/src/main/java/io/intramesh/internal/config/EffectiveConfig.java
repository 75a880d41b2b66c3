package io.intramesh.internal.config;

import io.intramesh.document.Problem;
import io.intramesh.model.ResourceSet;
import java.util.List;

/**
 * A configuration to put in force.
 *
 * @param kept resources that stand in an earlier form, in words
 */
public record EffectiveConfig(ResourceSet resources, List<Problem> problems, List<String> kept) {
    public EffectiveConfig {
        problems = List.copyOf(problems);
        kept = List.copyOf(kept);
    }
}
