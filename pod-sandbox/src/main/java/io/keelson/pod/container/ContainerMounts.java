package io.keelson.pod.container;

import io.keelson.oci.runtime.RuntimeFeatures;
import io.keelson.oci.spec.SpecMount;
import io.keelson.pod.Pod;
import io.keelson.pod.PodPaths;
import io.keelson.pod.namespace.NamespaceMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The mounts of a container besides the usual ones: what its request asks for, and the files of its pod. */
final class ContainerMounts {
    private final HostPaths hostPaths = new HostPaths();
    private final PodPaths pods;
    private final Function<String, RuntimeFeatures> features;

    /** @param features of the runtime that a pod means by a handler's name */
    ContainerMounts(PodPaths pods, Function<String, RuntimeFeatures> features) {
        this.pods = pods;
        this.features = features;
    }

    /** @throws io.keelson.host.failure.Failure as {@link MountSources} */
    List<SpecMount> of(Pod pod, ContainerConfig config) {
        var requested = config.mounts().isEmpty() ? List.<SpecMount>of() : requested(pod, config);
        var mounts = new ArrayList<SpecMount>();
        for (var own : own(pod)) {
            if (requested.stream().noneMatch(mount -> mount.destination().equals(own.destination()))) {
                mounts.add(own);
            }
        }
        mounts.addAll(requested);
        return mounts;
    }

    private List<SpecMount> requested(Pod pod, ContainerConfig config) {
        var runtime = features.apply(pod.spec().runtimeHandler());
        var sources = new MountSources(hostPaths, runtime);
        var leavesOut = PodIds.ownUser(pod).isPresent() && !runtime.mountTreesInUserNamespaces();
        var mounts = new ArrayList<SpecMount>();
        for (var mount : config.mounts()) {
            var made = sources.of(mount);
            if (leavesOut) {
                SubmountCheck.check(mount, made, runtime.version());
            }
            mounts.add(made);
        }
        return mounts;
    }

    /** The pod's own files. They are on the node's disk, and nobody counts what is written there: read-only (CVE-2020-8557). */
    private List<SpecMount> own(Pod pod) {
        var files = pods.files(pod.id());
        var sharesHostIpc = pod.spec().security().namespaces().ipc() == NamespaceMode.NODE;
        var sharedMemory = sharesHostIpc ? Path.of("/dev/shm") : pods.sharedMemory(pod.id());
        return List.of(
                SpecMount.bind(files.hostname(), "/etc/hostname", true),
                SpecMount.bind(files.hosts(), "/etc/hosts", true),
                SpecMount.bind(files.resolvConf(), "/etc/resolv.conf", true),
                SpecMount.bind(sharedMemory, "/dev/shm", false));
    }
}
