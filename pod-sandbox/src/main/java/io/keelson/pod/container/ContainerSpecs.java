package io.keelson.pod.container;

import io.keelson.host.failure.Failure;
import io.keelson.host.process.ProcessIdentity;
import io.keelson.image.ImageConfig;
import io.keelson.image.rootfs.ResolvedUser;
import io.keelson.oci.cgroup.ContainerGroup;
import io.keelson.oci.lsm.SelinuxContext;
import io.keelson.oci.runtime.SeccompProfiles;
import io.keelson.oci.spec.CapabilitySet;
import io.keelson.oci.spec.Hooks;
import io.keelson.oci.spec.NamespaceChoices;
import io.keelson.oci.spec.NamespaceChoices.Choice;
import io.keelson.oci.spec.NamespaceChoices.Fresh;
import io.keelson.oci.spec.NamespaceChoices.Host;
import io.keelson.oci.spec.NamespaceChoices.Join;
import io.keelson.oci.spec.ProcessRequest;
import io.keelson.oci.spec.ProcessUser;
import io.keelson.oci.spec.ProtectedPaths;
import io.keelson.oci.spec.SeccompChoice;
import io.keelson.oci.spec.Security;
import io.keelson.oci.spec.SpecDevice;
import io.keelson.oci.spec.SpecRequest;
import io.keelson.pod.Pod;
import io.keelson.pod.PodId;
import io.keelson.pod.PodPaths;
import io.keelson.pod.SecurityProfile;
import io.keelson.pod.namespace.NamespaceMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;

/** From a container as it was asked for, its pod and its image, to what the OCI specification is built from. */
final class ContainerSpecs {
    private static final String PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final String ROOT_DIRECTORY = "/";

    private final PodPaths pods;
    private final PodIds ids;
    private final ContainerMounts mounts;
    private final ContainerNode node;
    /** The first process of a running container of the pod, for those that share its PID namespace. */
    private final BiFunction<PodId, String, Optional<ProcessIdentity>> initOf;

    ContainerSpecs(
            PodPaths pods,
            ContainerMounts mounts,
            ContainerNode node,
            BiFunction<PodId, String, Optional<ProcessIdentity>> initOf) {
        this.pods = pods;
        ids = new PodIds(pods);
        this.mounts = mounts;
        this.node = node;
        this.initOf = initOf;
    }

    /** The program and its arguments: a command replaces the image's entrypoint and its arguments, args replace the latter. */
    static List<String> arguments(ContainerConfig config, ImageConfig image) {
        var arguments = new ArrayList<String>();
        if (!config.command().isEmpty()) {
            arguments.addAll(config.command());
            arguments.addAll(config.args());
        } else {
            arguments.addAll(image.entrypoint());
            arguments.addAll(config.args().isEmpty() ? image.cmd() : config.args());
        }
        if (arguments.isEmpty() || arguments.getFirst().isEmpty()) {
            throw Failure.invalid("there is no command: neither the request nor the image has one");
        }
        return arguments;
    }

    /** The image's variables, and over them those of the request. */
    static List<String> environment(ContainerConfig config, ImageConfig image, String hostname) {
        var variables = new LinkedHashMap<String, String>();
        put(variables, PATH);
        if (config.tty()) {
            put(variables, "TERM=xterm");
        }
        put(variables, "HOSTNAME=" + hostname);
        image.env().forEach(entry -> put(variables, entry));
        config.env().forEach(variable -> {
            if (variable.name().isEmpty() || variable.name().indexOf('=') >= 0 || hasNul(variable)) {
                throw Failure.invalid("environment variable with the name \""
                        + variable.name().replace("\0", "?") + "\"");
            }
            put(variables, variable.name() + "=" + variable.value());
        });
        AccountField.requireHome(variables);
        return List.copyOf(variables.values());
    }

    private static boolean hasNul(ContainerConfig.EnvironmentVariable variable) {
        return variable.name().indexOf('\0') >= 0 || variable.value().indexOf('\0') >= 0;
    }

    private static void put(Map<String, String> variables, String entry) {
        var equals = entry.indexOf('=');
        variables.put(equals < 0 ? entry : entry.substring(0, equals), entry);
    }

    /** @throws Failure INVALID if it is not absolute */
    static String workingDirectory(ContainerConfig config, ImageConfig image) {
        var directory = config.workingDir().isEmpty() ? image.workingDir() : config.workingDir();
        if (directory.isEmpty()) {
            return ROOT_DIRECTORY;
        }
        if (!directory.startsWith(ROOT_DIRECTORY)) {
            throw Failure.invalid("working directory \"" + directory.replaceAll("\\p{Cntrl}", "?")
                    + "\" is not an absolute path of printable characters");
        }
        return AccountField.require("working directory", directory);
    }

    SpecRequest request(
            Pod pod, ContainerConfig config, ImageConfig image, Path rootfs, ResolvedUser user, ContainerGroup group) {
        var security = config.security();
        return new SpecRequest(
                rootfs,
                security.readonlyRootfs(),
                Optional.empty(),
                process(pod, config, image, user),
                security(pod, security),
                namespaces(pod, security),
                mounts.of(pod, config),
                devices(config),
                node.resources().effective(config.resources()),
                Map.of(),
                group.specified(),
                config.annotations(),
                Set.of(),
                ourAnnotations(pod, config, group),
                Hooks.NONE);
    }

    private static Map<String, String> ourAnnotations(Pod pod, ContainerConfig config, ContainerGroup group) {
        var annotations = new TreeMap<>(ContainerIdentity.annotations(pod, config));
        annotations.putAll(group.annotations());
        return annotations;
    }

    private ProcessRequest process(Pod pod, ContainerConfig config, ImageConfig image, ResolvedUser user) {
        var wanted = Math.clamp(config.resources().oomScoreAdj(), -1000, 1000);
        return new ProcessRequest(
                arguments(config, image),
                environment(config, image, pods.files(pod.id()).readHostname()),
                workingDirectory(config, image),
                new ProcessUser(user.uid(), user.gid(), user.supplementary()),
                config.tty(),
                node.rlimits(),
                wanted == 0 ? OptionalInt.empty() : OptionalInt.of(Math.max(wanted, node.lowestOomScore())));
    }

    /**
     * Kubernetes asks for paths by name, and for none of them with {@code procMount: Unmasked}, which it permits in pods with a user
     * namespace alone; elsewhere an empty list is taken for one that was forgotten.
     */
    private static boolean isUnmasked(Pod pod, ContainerSecurity security) {
        return security.maskedPaths().isEmpty()
                && security.readonlyPaths().isEmpty()
                && pod.spec()
                        .security()
                        .namespaces()
                        .user()
                        .filter(user -> user.mode() == NamespaceMode.POD)
                        .isPresent();
    }

    private Security security(Pod pod, ContainerSecurity security) {
        var privileged = security.privileged();
        var selinux = node.confinement().selinux(security);
        var unprotected = privileged || isUnmasked(pod, security);
        return new Security(
                privileged,
                capabilities(security),
                security.noNewPrivileges(),
                security.seccomp().map(ContainerSpecs::seccomp).orElseGet(SeccompChoice.Unconfined::new),
                node.confinement().apparmorProfile(security),
                selinux.map(SelinuxContext::toString),
                selinux.map(label -> label.ofFiles().toString()),
                unprotected ? List.of() : ProtectedPaths.withMasked(security.maskedPaths(), node.machine()),
                unprotected ? List.of() : ProtectedPaths.withReadonly(security.readonlyPaths()));
    }

    private CapabilitySet capabilities(ContainerSecurity security) {
        return security.privileged()
                ? node.capabilities().all()
                : node.capabilities()
                        .merge(
                                security.addCapabilities(),
                                security.dropCapabilities(),
                                security.addAmbientCapabilities());
    }

    private static SeccompChoice seccomp(SecurityProfile profile) {
        return switch (profile.kind()) {
            case RUNTIME_DEFAULT -> new SeccompChoice.RuntimeDefault();
            case UNCONFINED -> new SeccompChoice.Unconfined();
            case LOCALHOST -> new SeccompChoice.Localhost(SeccompProfiles.read(profile.localhostRef()));
        };
    }

    private NamespaceChoices namespaces(Pod pod, ContainerSecurity security) {
        var pinned = pods.namespaces(pod.id());
        // The kernel has the mapping of a namespace that is joined.
        return new NamespaceChoices(
                joinOrHost(pinned.network()),
                joinOrHost(pinned.ipc()),
                joinOrHost(pinned.uts()),
                pid(pod.id(), pinned.pid(), security),
                ids.namespace(pod, security.namespaces()),
                node.resources().isCgroupVersion2() ? new Fresh() : new Host(),
                List.of(),
                List.of());
    }

    /** What the pod has of its own is pinned; what is not is the host's. */
    private static Choice joinOrHost(Path pinned) {
        return Files.exists(pinned) ? new Join(pinned) : new Host();
    }

    private Choice pid(PodId pod, Path pinned, ContainerSecurity security) {
        return switch (security.namespaces().pid()) {
            case POD -> Files.exists(pinned) ? new Join(pinned) : new Fresh();
            case CONTAINER -> new Fresh();
            case NODE -> new Host();
            case TARGET -> {
                var target = security.namespaces().targetId();
                var init = initOf.apply(pod, target)
                        .orElseThrow(() -> Failure.wrongState("container \"" + target
                                + "\", whose PID namespace is to be shared, does not run in this pod"));
                yield new Join(Path.of("/proc/" + init.pid() + "/ns/pid"));
            }
        };
    }

    private static List<SpecDevice> devices(ContainerConfig config) {
        if (config.security().privileged()) {
            return HostDevices.all();
        }
        return config.devices().stream()
                .flatMap(device -> HostDevices.of(device).stream())
                .toList();
    }
}
