package io.keelson.image.fuzz;

import io.keelson.host.failure.Failure;
import java.util.Set;

/** What an input may be answered with: a failure that says that the input is wrong. */
public final class Refusal {
    private Refusal() {}

    /** Something that reads an input. */
    public interface Reading {
        void run() throws Exception;
    }

    /** Runs it; a refusal of one of these kinds is an answer, anything else that is thrown is a bug. */
    public static void orSuccess(Reading reading, Failure.Kind... kinds) {
        try {
            reading.run();
        } catch (Failure e) {
            if (!Set.of(kinds).contains(e.kind())) {
                throw new AssertionError("refused as " + e.kind(), e);
            }
        } catch (Exception e) {
            throw new AssertionError("not refused, but failed", e);
        }
    }
}
