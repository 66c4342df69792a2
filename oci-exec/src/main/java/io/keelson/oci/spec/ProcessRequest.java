package io.keelson.oci.spec;

import java.util.List;
import java.util.OptionalInt;

/**
 * The process to run in a container.
 *
 * @param arguments the program and its arguments, at least one
 * @param environment entries {@code NAME=value}
 * @param workingDirectory absolute; empty is the root directory
 */
public record ProcessRequest(
        List<String> arguments,
        List<String> environment,
        String workingDirectory,
        ProcessUser user,
        boolean terminal,
        List<Rlimit> rlimits,
        OptionalInt oomScoreAdj) {
    /** A resource limit by its name, {@code RLIMIT_NOFILE} for example (getrlimit(2)); -1 is unlimited. */
    public record Rlimit(String type, long soft, long hard) {}

    public ProcessRequest {
        arguments = List.copyOf(arguments);
        environment = List.copyOf(environment);
        rlimits = List.copyOf(rlimits);
    }
}
