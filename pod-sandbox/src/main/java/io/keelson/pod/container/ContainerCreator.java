package io.keelson.pod.container;

import io.keelson.host.disk.BootId;
import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Forks;
import io.keelson.host.lifecycle.RepeatableRequests;
import io.keelson.host.lifecycle.Rollback;
import io.keelson.host.lifecycle.SideBySide;
import io.keelson.host.lifecycle.WorkListener;
import io.keelson.host.process.ProcessIdentity;
import io.keelson.image.HeldImage;
import io.keelson.image.ImageCatalog;
import io.keelson.image.ImageRecord;
import io.keelson.image.rootfs.UserRequest;
import io.keelson.oci.log.LogPath;
import io.keelson.oci.monitor.Monitored;
import io.keelson.oci.spec.ContainerSpec;
import io.keelson.pod.MetadataSize;
import io.keelson.pod.Pod;
import io.keelson.pod.PodCatalog;
import io.keelson.pod.PodId;
import io.keelson.pod.PodPaths;
import io.keelson.pod.StartTimeline;
import io.keelson.pod.container.Container.ContainerImage;
import io.keelson.pod.container.ContainerState.Created;
import io.keelson.pod.namespace.NamespaceMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes containers (CRI v1, CreateContainer). */
public final class ContainerCreator implements AutoCloseable {
    private static final int MAX_NAME_LENGTH = 255;
    private static final Logger log = LoggerFactory.getLogger(ContainerCreator.class);

    private final PodCatalog pods;
    private final ContainerCatalog catalog;
    private final ContainerPaths paths;
    private final ImageCatalog images;
    private final ContainerRoots roots;
    private final ContainerRuntime runtime;
    private final ContainerRemover remover;
    private final ContainerEnds ends;
    private final PodIds ids;
    private final ContainerSpecs specs;
    private final PatientLooks<Path> logs = new PatientLooks<>(PatientLooks.PATIENCE);
    private final ContainerNode node;
    private final NodeAdditions additions;
    private final InstantSource clock;
    private final SideBySide sideBySide;
    private final RepeatableRequests<Name, ContainerConfig, ContainerId> requests = new RepeatableRequests<>();

    private volatile WorkListener work = WorkListener.NONE;

    private record Name(PodId pod, String name, int attempt) {}

    /** All that making a container takes. */
    public record Parts(
            PodCatalog pods,
            PodPaths podPaths,
            ContainerCatalog catalog,
            ContainerPaths paths,
            ImageCatalog images,
            ContainerRoots roots,
            ContainerRuntime runtime,
            ContainerRemover remover,
            ContainerEnds ends,
            ContainerNode node,
            NodeAdditions additions,
            InstantSource clock) {}

    public ContainerCreator(Parts parts) {
        this(parts, Forks::join);
    }

    /** @param sideBySide for the two things that are done at the same time */
    public ContainerCreator(Parts parts, SideBySide sideBySide) {
        this.sideBySide = sideBySide;
        pods = parts.pods();
        catalog = parts.catalog();
        paths = parts.paths();
        images = parts.images();
        roots = parts.roots();
        runtime = parts.runtime();
        remover = parts.remover();
        ends = parts.ends();
        node = parts.node();
        additions = parts.additions();
        clock = parts.clock();
        ids = new PodIds(parts.podPaths());
        var mounts = new ContainerMounts(parts.podPaths(), runtime::features);
        specs = new ContainerSpecs(parts.podPaths(), mounts, node, this::runningInit);
    }

    /** Who hears of each creation and its steps from now on. */
    public void tell(WorkListener listener) {
        work = listener;
    }

    /**
     * Makes a container, complete and durable, whose process waits. Whoever asks for the same name in the pod again gets the
     * first one's. It is made also when nobody waits for it any more.
     *
     * @throws Failure ABSENT if there is no such image, INVALID for what can never be, WRONG_STATE if the pod is not ready,
     *     ALREADY_EXISTS if there is a container of the name with another configuration
     */
    public ContainerId create(PodId pod, ContainerConfig config) {
        if (config.name().isEmpty()
                || config.name().length() > MAX_NAME_LENGTH
                || config.name().chars().anyMatch(each -> each == '/' || Character.isISOControl(each))) {
            throw Failure.invalid("cannot create a container: its name is empty, too long, or not plain");
        }
        var name = new Name(pod, config.name(), config.attempt());
        var steps = new StartTimeline.Clock(work);
        try {
            MetadataSize.check(config.labels(), config.annotations());
            return requests.run(
                    name,
                    config,
                    () -> existing(pod, config)
                            .orElseGet(() -> pods.whileReady(
                                    pod,
                                    () -> work.step(
                                            config.name(),
                                            "create container",
                                            () -> make(pods.get(pod.hex()), config, steps)))));
        } catch (Failure e) {
            throw ImageVolumes.during(e, "cannot create container \"" + config.name() + "\" in pod " + pod);
        }
    }

    private Optional<ContainerId> existing(PodId pod, ContainerConfig config) {
        return catalog.byName(pod, config.name(), config.attempt()).map(entry -> {
            if (!entry.record().config().equals(config)) {
                throw new Failure(
                        Failure.Kind.ALREADY_EXISTS,
                        "container " + entry.id() + " of this name has a different configuration");
            }
            return entry.id();
        });
    }

    /** Ends the making of containers at the end of the daemon. */
    @Override
    public void close() {
        requests.close();
    }

    private ContainerId make(Pod pod, ContainerConfig config, StartTimeline.Clock steps) {
        steps.ended("wait");
        var id = ContainerId.create();
        var requested = config.image().image();
        runtime.expectCreate();
        try (var held = images.hold(requested)
                        .orElseThrow(() -> Failure.absent("image \"" + requested + "\" is not on this node"));
                var volumes = new ImageVolumes(images, pod, config);
                var undo = new Rollback()) {
            undo.add("unmount and remove container " + id, () -> discard(id));
            DurableFiles.placeDirectory(paths.directory(id));
            DurableFiles.mkdirs(paths.bundle(id));
            var mounted = steps.step(id.hex(), "rootfs", () -> {
                var rootfs = roots.mount(held.layers(), paths.directory(id), ids.map(pod));
                return new Mounted(rootfs, volumes.mount(roots, paths.directory(id), ids, pod), volumes.mounted());
            });
            var record = steps.step(id.hex(), "spec", () -> prepare(id, pod, config, mounted, held));
            undo.add("take back container " + id, () -> remover.takeBack(record, Optional.empty()));
            DurableFiles.place(paths.record(id), record.toBytes());

            var monitored = createAndSettle(pod, record);
            steps.ended("create");
            requireTarget(record);
            var entry = ContainerEntry.of(record, created(record, monitored).with(steps.steps()));
            DurableFiles.write(paths.status(id), entry.status().toBytes());
            catalog.add(entry);
            undo.commit();
            ends.follow(entry);
            log.atInfo()
                    .addKeyValue("event", "container-created")
                    .addKeyValue("container", id)
                    .addKeyValue("pod", pod.id())
                    .addKeyValue("name", config.name())
                    .log("created container {}", id);
            return id;
        } catch (Failure e) {
            pods.startFailed(pod, e.during("cannot create container \"" + config.name() + "\""));
            throw e;
        }
    }

    /** The record has to be on disk before anybody hears of the container: that goes on while its process is made. */
    private Monitored createAndSettle(Pod pod, ContainerRecord record) {
        return sideBySide
                .<Optional<Monitored>>join(List.of(() -> Optional.of(runtime.create(launch(pod, record))), () -> {
                    DurableFiles.settle(paths.record(record.id()));
                    DurableFiles.fsyncDirectory(paths.records());
                    return Optional.empty();
                }))
                .getFirst()
                .orElseThrow();
    }

    /** Where a record is left, something could not be taken back, and the next daemon has to go by it. */
    private void discard(ContainerId id) {
        if (!Files.exists(paths.record(id))) {
            roots.unmount(paths.directory(id));
            DurableFiles.deleteTree(paths.bundle(id));
            DurableFiles.deleteTree(paths.directory(id));
        }
    }

    /**
     * What a container is to find.
     *
     * @param config as requested, with directories in the place of images
     */
    private record Mounted(Path rootfs, ContainerConfig config, List<MountedImage> images) {}

    /** Everything that can be wrong with the request shows here, before anything runs. */
    private ContainerRecord prepare(ContainerId id, Pod pod, ContainerConfig config, Mounted mounted, HeldImage held) {
        var rootfs = mounted.rootfs();
        var image = held.image().config();
        var security = config.security();
        var user = roots.user(
                rootfs,
                new UserRequest(
                        image.user(),
                        security.runAsUser(),
                        security.runAsGroup(),
                        security.runAsUsername(),
                        security.supplementalGroups(),
                        security.mergesImageGroups()));
        var directory = ContainerSpecs.workingDirectory(config, image);
        roots.makeDirectory(rootfs, directory, ids.map(pod));
        var group = runtime.group(pod.cgroupPath(), id);
        var handler = runtime.handler(pod.spec().runtimeHandler())
                .orElseThrow(() -> Failure.unavailable(
                        "there is no runtime handler \"" + pod.spec().runtimeHandler() + "\""));
        requireEnoughMemory(handler, config.resources().memoryLimitBytes());
        var request = additions.addTo(specs.request(pod, mounted.config(), image, rootfs, user, group), pod, config);
        node.confinement().relabel(config);
        writeSpec(id, ContainerSpec.build(request, node.machine()).toBytes());
        return new ContainerRecord(
                id,
                pod.id(),
                config,
                image(config, held.image()),
                held.image().diffIds(),
                clock.instant(),
                user,
                logPath(pod, config),
                stopSignal(config, image.stopSignal()),
                group.directory(),
                handler,
                mounted.images());
    }

    private void requireEnoughMemory(String handler, long limitBytes) {
        if (limitBytes > 0 && limitBytes < runtime.leastMemoryBytes(handler)) {
            throw Failure.invalid("a memory limit of " + limitBytes + " bytes is too small: " + handler
                    + " itself needs " + runtime.leastMemoryBytes(handler));
        }
    }

    private static ContainerImage image(ContainerConfig config, ImageRecord image) {
        var id = image.id().toString();
        return new ContainerImage(
                id,
                image.repoTags().isEmpty()
                        ? config.image().image()
                        : image.repoTags().first(),
                image.repoDigests().isEmpty() ? id : image.repoDigests().first());
    }

    private Optional<Path> logPath(Pod pod, ContainerConfig config) {
        var directory = pod.spec().logDirectory();
        if (directory.isEmpty() || config.logPath().isEmpty()) {
            return Optional.empty();
        }
        try {
            var path = directory + "/" + config.logPath();
            return Optional.of(logs.at(path, () -> LogPath.resolve(directory, config.logPath())));
        } catch (IOException e) {
            throw DurableFiles.failed("prepare log below", Path.of(directory), e);
        }
    }

    private static String stopSignal(ContainerConfig config, String ofImage) {
        var wanted = config.stopSignal().isEmpty() ? ofImage : config.stopSignal();
        return wanted.isEmpty() ? SignalNumber.DEFAULT : SignalNumber.canonical(wanted);
    }

    /** Read by the runtime, and gone with the next boot: it need not be durable. */
    private void writeSpec(ContainerId id, byte[] spec) {
        try {
            Files.write(paths.spec(id), spec);
        } catch (IOException e) {
            throw DurableFiles.failed("write", paths.spec(id), e);
        }
    }

    private ContainerRuntime.Launch launch(Pod pod, ContainerRecord record) {
        var config = record.config();
        var metadata = pod.spec().metadata();
        return new ContainerRuntime.Launch(
                record.id(),
                "k8s_" + config.name() + "_" + metadata.name() + "_" + metadata.namespace(),
                record.handler(),
                paths.bundle(record.id()),
                record.logPath(),
                config.tty(),
                config.stdin(),
                config.stdinOnce(),
                record.cgroup());
    }

    /** Its limits are those in force, so that a change of one starts from all of them. */
    private ContainerStatus created(ContainerRecord record, Monitored monitored) {
        return new ContainerStatus(
                new Created(),
                BootId.current(),
                monitored.monitor(),
                monitored.init(),
                node.resources().effective(record.config().resources()));
    }

    private Optional<ProcessIdentity> runningInit(PodId pod, String idOrPrefix) {
        return catalog.find(idOrPrefix)
                .flatMap(container -> catalog.entry(container.id()))
                .filter(entry -> entry.record().pod().equals(pod))
                .filter(entry -> entry.status().state() instanceof ContainerState.Running)
                .map(entry -> entry.status().init());
    }

    /** The runtime went by its number, which was its own all the time if it is still there. */
    private void requireTarget(ContainerRecord record) {
        var namespaces = record.config().security().namespaces();
        if (namespaces.pid() == NamespaceMode.TARGET
                && runningInit(record.pod(), namespaces.targetId())
                        .filter(ProcessIdentity::isAlive)
                        .isEmpty()) {
            throw Failure.wrongState("container \"" + namespaces.targetId()
                    + "\", whose PID namespace was to be shared, has ended meanwhile");
        }
    }
}
