package io.keelson.oci.spec;

import java.util.Arrays;
import java.util.Optional;

/** The points of a container's life at which the runtime runs programs (OCI runtime specification, "Lifecycle"). */
public enum HookStage {
    /** After the namespaces are made, in the host's; older than the next one, and run before it. */
    PRESTART("prestart"),
    CREATE_RUNTIME("createRuntime"),
    /** In the container's namespaces, with the host's files, before the root is changed. */
    CREATE_CONTAINER("createContainer"),
    /** In the container, before its program. */
    START_CONTAINER("startContainer"),
    POSTSTART("poststart"),
    POSTSTOP("poststop");

    private final String key;

    HookStage(String key) {
        this.key = key;
    }

    /** The specification's name. */
    public String key() {
        return key;
    }

    public static Optional<HookStage> find(String key) {
        return Arrays.stream(values()).filter(stage -> stage.key.equals(key)).findFirst();
    }
}
