package io.keelson.pod.container;

import io.keelson.host.failure.Failure;
import io.keelson.image.rootfs.IdMap;
import io.keelson.oci.spec.NamespaceChoices.Choice;
import io.keelson.oci.spec.NamespaceChoices.Host;
import io.keelson.oci.spec.NamespaceChoices.Join;
import io.keelson.pod.Pod;
import io.keelson.pod.PodPaths;
import io.keelson.pod.namespace.NamespaceMode;
import io.keelson.pod.namespace.NamespaceOptions;
import io.keelson.pod.namespace.UserNamespace;
import io.keelson.pod.namespace.UserNamespace.IdMapping;
import java.util.Optional;

/** What a pod's user namespace means for its containers, which are all in it. */
final class PodIds {
    private final PodPaths paths;

    PodIds(PodPaths paths) {
        this.paths = paths;
    }

    /** Whose the files of a container's root file system are. */
    IdMap map(Pod pod) {
        return ownUser(pod)
                .map(user -> IdMap.of(
                        paths.namespaces(pod.id()).user(),
                        range(user.uids().getFirst()),
                        range(user.gids().getFirst())))
                .orElse(IdMap.IDENTITY);
    }

    /** @throws Failure INVALID if the container asks for another than its pod has, or for the host's PIDs in one */
    Choice namespace(Pod pod, NamespaceOptions wanted) {
        var own = ownUser(pod);
        wanted.user().filter(user -> !isThat(user, own)).ifPresent(user -> {
            throw Failure.invalid("the container asks for another user namespace than its pod has");
        });
        if (own.isEmpty()) {
            return new Host();
        }
        if (wanted.pid() == NamespaceMode.NODE) {
            throw Failure.invalid("a container of a pod with a user namespace cannot have the host's PID namespace");
        }
        return new Join(paths.namespaces(pod.id()).user());
    }

    private static boolean isThat(UserNamespace user, Optional<UserNamespace> own) {
        return user.isOfPod()
                ? own.filter(user::equals).isPresent()
                : user.mode() == NamespaceMode.NODE && own.isEmpty();
    }

    static Optional<UserNamespace> ownUser(Pod pod) {
        return pod.spec().security().namespaces().ownUser();
    }

    private static IdMap.Range range(IdMapping mapping) {
        return new IdMap.Range(mapping.hostId(), mapping.length());
    }
}
