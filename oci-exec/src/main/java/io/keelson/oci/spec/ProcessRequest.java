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
    public ProcessRequest {
        arguments = List.copyOf(arguments);
        environment = List.copyOf(environment);
        rlimits = List.copyOf(rlimits);
    }

    /** The same with another environment and user. */
    public ProcessRequest with(List<String> otherEnvironment, ProcessUser otherUser) {
        return new ProcessRequest(
                arguments, otherEnvironment, workingDirectory, otherUser, terminal, rlimits, oomScoreAdj);
    }
}
