package io.intramesh;

import io.intramesh.document.Problem;
import io.intramesh.model.ResourceSet;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is in force in a mesh at a moment. Immutable.
 *
 * @param revision counts configurations from 1, for this process
 * @param since when this configuration came into force
 * @param resources what is in force, resources kept from an earlier delivery included
 * @param problems of the last delivery
 * @param kept resources that stand as they were because their newer form was refused, in words
 * @param registryFailure why the registry cannot be read at the moment, or null
 * @param isDraining whether this process is about to stop
 */
public record MeshState(
        long revision,
        Instant since,
        ResourceSet resources,
        List<Problem> problems,
        List<String> kept,
        @Nullable String registryFailure,
        boolean isDraining) {
    public MeshState {
        problems = List.copyOf(problems);
        kept = List.copyOf(kept);
    }
}
