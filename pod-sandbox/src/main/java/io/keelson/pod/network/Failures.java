package io.keelson.pod.network;

import io.keelson.host.failure.Failure;
import java.util.Optional;

/** Keeps going: steps that are all to be tried, whichever of them fail. */
final class Failures {
    private Optional<Failure> first = Optional.empty();

    void collect(Runnable step) {
        try {
            step.run();
        } catch (Failure e) {
            first.ifPresentOrElse(earlier -> earlier.addSuppressed(e), () -> first = Optional.of(e));
        }
    }

    void throwFirst() {
        if (first.isPresent()) {
            throw first.get();
        }
    }
}
