package io.keelson.oci.spec;

import io.keelson.host.json.Json;

/** Which system calls a container may make (seccomp(2)). */
public sealed interface SeccompChoice {
    record Unconfined() implements SeccompChoice {}

    /** Keelson's own profile, {@link DefaultSeccomp}. */
    record RuntimeDefault() implements SeccompChoice {}

    /** A profile of the node's, in the OCI's or Docker's form. */
    record Localhost(Json.Obj profile) implements SeccompChoice {}
}
