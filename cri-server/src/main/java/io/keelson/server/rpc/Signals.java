package io.keelson.server.rpc;

import io.keelson.host.failure.Failure;
import io.keelson.proto.Signal;

/** Between CRI's signals and their names in signal(7): {@code SIGNAL_SIGRTMINPLUS3} is {@code SIGRTMIN+3}. */
final class Signals {
    private static final String PREFIX = "SIGNAL_";

    private Signals() {}

    /** Empty for the runtime's default. */
    static String name(Signal signal) {
        return switch (signal) {
            case SIGNAL_RUNTIME_DEFAULT -> "";
            case UNRECOGNIZED -> throw Failure.invalid("the request asks for a stop signal that does not exist");
            default ->
                signal.name().substring(PREFIX.length()).replace("PLUS", "+").replace("MINUS", "-");
        };
    }

    /** The default for a name that CRI does not have. */
    static Signal of(String name) {
        var constant = PREFIX + name.replace("+", "PLUS").replace("-", "MINUS");
        for (var signal : Signal.values()) {
            if (signal.name().equals(constant)) {
                return signal;
            }
        }
        return Signal.SIGNAL_RUNTIME_DEFAULT;
    }
}
