package io.keelson.pod.namespace;

import io.keelson.host.process.ProcessIdentity;
import java.nio.file.Path;
import java.util.Optional;

/** Makes the namespaces of pods, and lets go of them. */
public interface NamespacePinner {
    /**
     * Makes the namespaces and pins them; network with loopback up, UTS with its host name, and all with their sysctls. On failure
     * nothing is left.
     *
     * @return the init of the shared PID namespace, if one was asked for
     * @throws io.keelson.host.failure.Failure INVALID for a sysctl that the kernel refuses
     */
    Optional<ProcessIdentity> pin(NamespaceRequest request);

    /**
     * Ends the init, and with it everything in its PID namespace, and lets go of all that is pinned in the directory. The kernel
     * ends the namespaces with the last process in them. That there is nothing is success.
     */
    void unpin(Path directory, Optional<ProcessIdentity> init);

    /** An entry of the init's environment that no other process has: by it the init of an unfinished start is found. */
    static String mark(Path directory) {
        return "KEELSON_POD=" + directory;
    }
}
