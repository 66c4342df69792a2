package io.keelson.host.lifecycle;

import io.keelson.host.failure.Failure;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Hears of work that takes time and is worth counting: of its beginning and its end, on the thread that does it, in the order of a
 * stack. It returns at once and never fails.
 */
public interface WorkListener {
    /** Those of whose work is told. */
    enum Kind {
        /** A network plugin; the verb is one of CNI's. */
        PLUGIN,
        /** An OCI runtime, by its handler's name. */
        RUNTIME,
        /** A registry, by its address; the verb is HTTP's method. */
        REGISTRY,
        /** An image's pull, by its reference. */
        PULL,
        /** A step of something, by its id; the verb is the step's name. */
        STEP
    }

    /**
     * What is done.
     *
     * @param who does it, or to what
     */
    record Work(Kind kind, String who, String verb) {}

    /** To be told once how the work ended. */
    interface Ending {
        /** @param failure absent for a success */
        void ended(Optional<Failure> failure);
    }

    /** Called right before. */
    Ending begin(Work work);

    /** Called by who is about to wait for such work, which another thread does already. */
    default void joined(Work work) {}

    /** Does the work, and tells of it. */
    default <T> T around(Work work, Supplier<T> doing) {
        var ending = begin(work);
        try {
            var result = doing.get();
            ending.ended(Optional.empty());
            return result;
        } catch (Failure e) {
            ending.ended(Optional.of(e));
            throw e;
        } catch (RuntimeException | Error e) {
            ending.ended(Optional.of(Failure.internal(String.valueOf(e.getMessage()), e)));
            throw e;
        }
    }

    /** The same of work without a result. */
    default void around(Work work, Runnable doing) {
        around(work, () -> {
            doing.run();
            return Optional.empty();
        });
    }

    /** The same of a step of something. */
    default <T> T step(String of, String name, Supplier<T> doing) {
        return around(new Work(Kind.STEP, of, name), doing);
    }

    /** The same of a step without a result. */
    default void step(String of, String name, Runnable doing) {
        around(new Work(Kind.STEP, of, name), doing);
    }

    /** Two who hear the same; of an end the second one hears first. */
    static WorkListener both(WorkListener first, WorkListener second) {
        return new WorkListener() {
            @Override
            public Ending begin(Work work) {
                var outer = first.begin(work);
                var inner = second.begin(work);
                return failure -> {
                    inner.ended(failure);
                    outer.ended(failure);
                };
            }

            @Override
            public void joined(Work work) {
                first.joined(work);
                second.joined(work);
            }
        };
    }

    /** Where nobody listens. */
    WorkListener NONE = _ -> _ -> {};
}
