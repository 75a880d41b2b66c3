package io.intramesh.testing.simulation;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What DNS answers at the moment about the callee's name. Whoever asks may ask seldom: that is up to the client. */
public final class Names {
    private @Nullable List<Integer> answer;

    Names(int endpoints) {
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < endpoints; i++) {
            all.add(i);
        }
        answer = List.copyOf(all);
    }

    /** Returns the endpoints that an answer names, empty where it says that there is none; null where no answer comes. */
    public @Nullable List<Integer> answer() {
        return answer;
    }

    void set(@Nullable List<Integer> newAnswer) {
        answer = newAnswer;
    }
}
