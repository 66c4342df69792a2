package io.keelson.oci.runtime;

import java.nio.file.Path;
import java.util.Map;

/**
 * An OCI runtime as pods ask for it.
 *
 * @param name what a pod calls it
 * @param program absolute
 * @param root where it keeps what it knows of its containers; must not survive a reboot
 * @param environment all of it, of the runtime's commands and of monitors
 */
public record RuntimeHandler(String name, Path program, Path root, Map<String, String> environment) {
    public RuntimeHandler {
        environment = Map.copyOf(environment);
    }
}
