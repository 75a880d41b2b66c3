package io.intramesh.internal.tls;

import io.intramesh.tls.SecretException;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Looks at material where it lies. On the mesh thread. */
interface MaterialReader<T> {

    /** Says where the material lies, for people. */
    String describe();

    /** Reads everything that belongs together, without judging it. */
    Sighting<T> look() throws IOException, MaterialException;

    /**
     * Returns what a program hands over.
     *
     * @param who the program, for people
     * @param what it ought to give, for people
     */
    static <T> T askedFor(String what, String who, Callable<T> program) throws MaterialException {
        try {
            return program.call();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MaterialException(who + ": interrupted", e);
        } catch (SecretException e) {
            throw new MaterialException(who + ": " + e.getMessage(), e);
        } catch (Exception e) {
            throw new MaterialException(who + ": gives no " + what + ": " + e, e);
        }
    }

    /**
     * Material as it was seen.
     *
     * @param fingerprint tells whether two sightings are of the same content
     * @param whole whether it cannot have been seen half-written
     */
    record Sighting<T>(String fingerprint, boolean whole, Judge<T> judge) {
        /** Of files, which others may be writing. */
        static <T> Sighting<T> ofFiles(String fingerprint, Judge<T> judge) {
            return new Sighting<>(fingerprint, false, judge);
        }

        /** Of a program, which hands over what is complete. */
        static <T> Sighting<T> ofProgram(String fingerprint, Judge<T> judge) {
            return new Sighting<>(fingerprint, true, judge);
        }
    }

    /** Makes what can be used of what was seen. */
    @FunctionalInterface
    interface Judge<T> {
        /**
         * Checks and makes.
         *
         * @param before what is in force; null where nothing is
         * @throws MaterialException naming every problem
         */
        T made(Instant now, @Nullable T before) throws MaterialException;
    }
}
