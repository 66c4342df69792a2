package io.keelson.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.oci.spec.LinuxResources;
import io.keelson.pod.Pod;
import io.keelson.pod.PodFilter;
import io.keelson.pod.PodMetadata;
import io.keelson.pod.PodSecurity;
import io.keelson.pod.PodSpec;
import io.keelson.pod.container.Container;
import io.keelson.pod.container.ContainerConfig;
import io.keelson.pod.container.ContainerFilter;
import io.keelson.pod.container.ContainerSecurity;
import io.keelson.pod.container.ImageSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Pods and containers that are asked for on a simulated node, and what there may be of them. */
final class PodWorld {
    private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");
    /** Where things of pods and containers lie, those that all share left out. */
    private static final List<String> PLACES = List.of(
            "/root/pods/",
            "/root/containers/",
            "/state/pods/",
            "/state/containers/",
            "/root/quarantine/",
            "/root/networks/");

    private static final LinuxResources LIMITS = new LinuxResources(0, 0, 0, 1 << 26, 0, "", "", Map.of(), Map.of(), 0);

    private PodWorld() {}

    static PodSpec spec(String name) {
        return new PodSpec(
                new PodMetadata(name, "default", name, 0),
                name,
                "",
                Optional.empty(),
                List.of(),
                Map.of(),
                Map.of(),
                "",
                PodSecurity.defaults(),
                Map.of(),
                LinuxResources.NONE,
                LIMITS,
                "");
    }

    static ContainerConfig config(String image, String name) {
        return new ContainerConfig(
                name,
                0,
                ImageSpec.of(image),
                List.of("sleep"),
                List.of(),
                "/",
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                Map.of(),
                Map.of(),
                "",
                false,
                false,
                false,
                LinuxResources.NONE,
                ContainerSecurity.defaults(),
                "");
    }

    static List<Pod> pods(PodNode node) {
        return node.pods.list(PodFilter.all());
    }

    static List<Container> containers(PodNode node) {
        return node.containers.list(ContainerFilter.all());
    }

    /** Every file, and everything outside, is that of a pod or a container that is there. */
    static void assertNothingElse(SimulatedDisk disk, SimulatedKernel kernel, PodNode node) {
        var owners = new HashSet<String>();
        pods(node).forEach(pod -> owners.add(pod.id().hex()));
        containers(node).forEach(container -> owners.add(container.id().hex()));
        assertThat(kernel.held()).allSatisfy(thing -> assertThat(owner(thing)).isIn(owners));
        assertThat(disk.everything().stream()
                        .filter(file ->
                                !PLACES.contains(file) && PLACES.stream().anyMatch(file::startsWith)))
                .allSatisfy(file -> assertThat(owner(file)).isIn(owners));
    }

    /** The last id in it. */
    private static String owner(String thing) {
        return ID.matcher(thing)
                .results()
                .reduce((_, later) -> later)
                .map(match -> match.group())
                .orElse("nobody: " + thing);
    }
}
