package io.keelson.pod.container;

import io.keelson.oci.cdi.CdiDevices;
import io.keelson.oci.hook.HookDirectories;
import io.keelson.oci.hook.HookSubject;
import io.keelson.oci.spec.SpecRequest;
import io.keelson.pod.Pod;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the node's operator and vendors add to containers: devices by CDI, and OCI hooks. */
public final class NodeAdditions {
    private static final Logger log = LoggerFactory.getLogger(NodeAdditions.class);

    private final CdiDevices devices;
    private final HookDirectories hooks;

    public NodeAdditions(List<Path> deviceDirectories, List<Path> hookDirectories) {
        devices = new CdiDevices(deviceDirectories);
        hooks = new HookDirectories(hookDirectories);
    }

    /** Says now what would keep every container from being created. */
    public void warn() {
        hooks.problems()
                .forEach(problem -> log.atWarn()
                        .addKeyValue("event", "bad-oci-hook")
                        .log("no container will be created: {}", problem));
    }

    /** What is wrong with the files of hooks, which keeps every container from being created. */
    public List<String> hookProblems() {
        return hooks.problems();
    }

    /** What is wrong with the files of devices. */
    public List<String> deviceProblems() {
        return devices.problems();
    }

    /** What was asked for with all that applies to it. */
    SpecRequest addTo(SpecRequest request, Pod pod, ContainerConfig config) {
        var withDevices = devices.addTo(request, CdiDevices.asked(config.cdiDevices(), config.annotations()));
        return withDevices.withHooks(hooks.matching(subject(request, pod, config)));
    }

    /** Bind mounts are those that the request asks for; every container has others. */
    private static HookSubject subject(SpecRequest request, Pod pod, ContainerConfig config) {
        var annotations = new HashMap<>(config.annotations());
        annotations.putAll(pod.spec().annotations());
        return new HookSubject(
                annotations,
                request.process().arguments().getFirst(),
                !config.mounts().isEmpty());
    }
}
