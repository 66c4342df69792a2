package io.keelson.server.doctor;

import io.keelson.host.failure.Failure;
import io.keelson.server.config.Configuration.Images;
import io.keelson.server.images.RegistryReach;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;

/** Where images come from, and who we are there. */
final class RegistryLook {
    private RegistryLook() {}

    /** Asks in the order in which a pull would, until somebody answers. */
    static Finding registries(Images settings) {
        try {
            var reach = RegistryReach.of(settings);
            if (!reach.silent().isEmpty()) {
                return Finding.fail(
                        "registries",
                        "nobody answers for " + String.join("; ", reach.silent()),
                        "look at the network, the proxy and the names in " + settings.registries());
            }
            return Finding.warning(
                    "registries",
                    reach.deadMirrors(),
                    reach.answering() + " that are configured answer",
                    "each first pull waits for it: mend the mirror, or take it out of " + settings.registries());
        } catch (Failure e) {
            return Finding.fail("registries", String.valueOf(e.getMessage()), "correct the file");
        }
    }

    static Finding credentials(Images settings) {
        var troubles = RegistryReach.credentialTroubles(settings);
        if (!troubles.isEmpty()) {
            return Finding.fail(
                    "credentials", String.join("; ", troubles), "correct the file; pulls that need it fail");
        }
        var open = settings.authFiles().stream()
                .filter(RegistryLook::isReadableByOthers)
                .map(Path::toString)
                .toList();
        return Finding.warning(
                "credentials",
                open.stream().map(file -> "every user can read " + file).toList(),
                "can be read, by root alone",
                "chmod 600 " + String.join(" ", open));
    }

    private static boolean isReadableByOthers(Path file) {
        try {
            return Files.exists(file) && Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
