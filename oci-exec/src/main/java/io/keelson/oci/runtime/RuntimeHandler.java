package io.keelson.oci.runtime;

import java.nio.file.Path;

/**
 * An OCI runtime as pods ask for it.
 *
 * @param name what a pod calls it
 * @param program absolute
 * @param root where it keeps what it knows of its containers; must not survive a reboot
 */
public record RuntimeHandler(String name, Path program, Path root) {}
