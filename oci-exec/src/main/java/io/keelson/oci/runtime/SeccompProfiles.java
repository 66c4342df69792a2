package io.keelson.oci.runtime;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Errno;
import io.keelson.host.linux.Inodes;
import io.keelson.host.linux.LinuxException;
import java.nio.file.Path;

/** Seccomp profiles in files of the node. One that cannot be read is a failure; it never means to run without. */
public final class SeccompProfiles {
    private static final int MAX_BYTES = 1024 * 1024;

    private SeccompProfiles() {}

    /**
     * The profile in this file.
     *
     * @param reference as CRI's {@code localhost_ref}: absolute
     * @throws Failure INVALID if there is none: an empty name, no regular file, a link, or no JSON with a default action
     */
    public static Json.Obj read(String reference) {
        if (!reference.startsWith("/") || reference.indexOf('\0') >= 0) {
            throw Failure.invalid(
                    "seccomp profile \"" + reference.replaceAll("\\p{Cntrl}", "?") + "\" is not an absolute path");
        }
        var file = Path.of(reference);
        try (var fd =
                Descriptors.open(file, Descriptors.O_RDONLY | Descriptors.O_NOFOLLOW | Descriptors.O_NONBLOCK, 0)) {
            if (!Inodes.stat(fd).isRegularFile()) {
                throw Failure.invalid("it is not a file");
            }
            var profile = Json.parseObject(DurableFiles.read(fd.procPath(), MAX_BYTES));
            profile.text("defaultAction");
            return profile;
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT) || e.is(Errno.ELOOP) || e.is(Errno.ENOTDIR) || e.is(Errno.EACCES)) {
                throw new Failure(
                        Failure.Kind.INVALID, "cannot read seccomp profile " + file + ": " + e.getMessage(), e);
            }
            throw e;
        } catch (Failure e) {
            throw e.during("cannot read seccomp profile " + file);
        }
    }
}
