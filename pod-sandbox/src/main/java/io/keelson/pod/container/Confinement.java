package io.keelson.pod.container;

import io.keelson.host.failure.Failure;
import io.keelson.oci.lsm.Relabelling;
import io.keelson.oci.lsm.SecurityModules;
import io.keelson.oci.lsm.SelinuxContext;
import io.keelson.oci.spec.Texts;
import io.keelson.pod.SecurityProfile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** What this node's security modules do with a container: its AppArmor profile, its SELinux labels. */
record Confinement(SecurityModules modules) {
    /** Applied to every container that asks for no other, where it is loaded. */
    static final String DEFAULT_PROFILE = "keelson-default";

    /**
     * A named profile is a condition; so is the default one if it is asked for, but not for a node without AppArmor.
     *
     * @throws Failure INVALID for a profile without a name, WRONG_STATE for one that is not loaded
     */
    Optional<String> apparmorProfile(ContainerSecurity security) {
        var wanted = security.apparmor();
        return switch (wanted.map(SecurityProfile::kind).orElse(SecurityProfile.Kind.RUNTIME_DEFAULT)) {
            case UNCONFINED -> Optional.empty();
            case LOCALHOST -> Optional.of(loaded(wanted.orElseThrow().localhostRef()));
            case RUNTIME_DEFAULT -> {
                var isThere = modules.isLoaded(DEFAULT_PROFILE);
                if (modules.hasAppArmor() && wanted.isPresent() && !isThere) {
                    throw Failure.wrongState("the runtime's default AppArmor profile cannot be applied: "
                            + DEFAULT_PROFILE + " is not loaded on this node");
                }
                yield isThere ? Optional.of(DEFAULT_PROFILE) : Optional.empty();
            }
        };
    }

    private String loaded(String profile) {
        if (profile.isBlank()) {
            throw Failure.invalid("an AppArmor profile of this node is asked for, and no name is given");
        }
        var what = "AppArmor profile " + Texts.quoted(profile) + " cannot be applied: ";
        if (!modules.hasAppArmor()) {
            throw Failure.wrongState(what + "AppArmor is not enabled on this node");
        }
        if (!modules.isLoaded(profile)) {
            throw Failure.wrongState(what + "it is not loaded on this node");
        }
        return profile;
    }

    /** Absent if nothing is said, or nobody would look at it: without SELinux labels mean nothing. */
    Optional<SelinuxContext> selinux(ContainerSecurity security) {
        return security.selinux()
                .filter(_ -> modules.hasSelinux())
                .map(label -> SelinuxContext.ofProcess(
                        label.user(), label.role(), label.type(), label.level(), security.privileged()));
    }

    /** Gives what is mounted the container's label, where that is asked for; its sources are there. */
    void relabel(ContainerConfig config) {
        selinux(config.security())
                .ifPresent(process -> config.mounts().stream()
                        // An image's files are nobody's to change.
                        .filter(mount -> mount.selinuxRelabel() && mount.image().isEmpty())
                        .forEach(mount -> Relabelling.of(real(mount.hostPath()), process.ofFiles())));
    }

    private static Path real(String path) {
        try {
            return Path.of(path).toRealPath();
        } catch (IOException e) {
            throw new Failure(
                    Failure.Kind.WRONG_STATE, "cannot relabel " + Texts.quoted(path) + " for SELinux: it is gone", e);
        }
    }
}
