package io.keelson.server;

import io.keelson.host.disk.DirectoryLock;
import io.keelson.host.disk.DurableFiles;
import io.keelson.host.json.Json;
import io.keelson.host.lifecycle.WorkListener;
import io.keelson.host.linux.Linux;
import io.keelson.host.process.SpawnedProcesses;
import io.keelson.oci.lsm.SecurityModules;
import io.keelson.pod.PodPaths;
import io.keelson.pod.container.ContainerPaths;
import io.keelson.pod.network.NetworkReadiness;
import io.keelson.server.config.Configuration;
import io.keelson.server.config.ConfigurationText;
import io.keelson.server.config.OciRuntimes;
import io.keelson.server.floor.InstalledVersions;
import io.keelson.server.http.HttpDoor;
import io.keelson.server.http.ListenAddress;
import io.keelson.server.images.CommandServer;
import io.keelson.server.images.ImageParts;
import io.keelson.server.inspect.InspectPages;
import io.keelson.server.log.LoggingConfigurator;
import io.keelson.server.metrics.DaemonMetrics;
import io.keelson.server.rpc.Calls;
import io.keelson.server.rpc.CriServer;
import io.keelson.server.rpc.ImageCalls;
import io.keelson.server.rpc.ImageSpace;
import io.keelson.server.rpc.NodeStatus;
import io.keelson.server.rpc.RuntimeCalls;
import io.keelson.server.rpc.VersionCalls;
import io.keelson.server.stream.StreamServer;
import io.keelson.server.tracing.Tracing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts list: what the daemon is made of, in the order in which it is put together; it is taken apart in reverse. */
final class Daemon {
    private static final Logger log = LoggerFactory.getLogger(Daemon.class);

    private static final Duration FIRST_ANSWERS = Duration.ofMillis(300);

    private Daemon() {}

    /** Serves until SIGTERM or SIGINT. Containers go on without it. */
    static void run(Configuration configuration) {
        LoggingConfigurator.setLevel(configuration.log().level().name());
        try (var shutdown = Shutdown.onSignal()) {
            try (var parts = new Parts()) {
                assemble(configuration, parts);
                shutdown.await();
                log.atInfo().addKeyValue("event", "stopping").log("told to end");
            }
            shutdown.ended();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void assemble(Configuration configuration, Parts parts) {
        var storage = configuration.storage();
        for (var tree : List.of(storage.root(), storage.state())) {
            DurableFiles.mkdirs(tree);
            DurableFiles.closeToOthers(tree);
        }
        parts.add(DirectoryLock.acquire(storage.root()));
        parts.add(DirectoryLock.acquire(storage.state()));

        var runtimes = OciRuntimes.find(configuration.runtime());
        var calls = new Calls();
        var server =
                parts.add(CriServer.open(configuration.server().socket(), new VersionCalls(calls, Version.current())));

        var records = EarlyRecords.begin(
                new PodPaths(storage.root(), storage.state()), new ContainerPaths(storage.root(), storage.state()));
        var metrics = configuration.metrics().address().map(_ -> parts.add(new DaemonMetrics(Version.current())));
        var tracing = TraceParts.start(configuration, metrics, parts);
        var work = Stream.concat(metrics.map(DaemonMetrics::work).stream(), tracing.map(Tracing::work).stream())
                .reduce(WorkListener::both)
                .orElse(WorkListener.NONE);
        var imageParts = parts.add(new ImageParts(configuration));
        imageParts.tell(work, metrics.map(DaemonMetrics::pulls).orElse(_ -> {}));
        var streaming = configuration.streaming();
        var streams = parts.add(new StreamServer(new StreamServer.Settings(
                streaming.address(),
                streaming.port(),
                streaming.idleTimeout(),
                streaming.creationTimeout(),
                streaming.encryption())));
        var node = new PodParts(configuration, runtimes, imageParts.catalog(), streams, work, parts);
        var images = imageParts.tools(node.containers()::layersInUse, node.filesystems());
        node.restore(records, parts);
        images.remover().removeUnusedLayers();

        parts.add(new IdleMemory(calls::operations));
        parts.add(new OldGarbage());
        var watch = StorageWatch.of(storage);
        var versions = new InstalledVersions(new SpawnedProcesses());
        var status = new NodeStatus(
                () -> runtimeTrouble(runtimes, configuration.runtime().monitor()),
                () -> Optional.of(node.network().readiness())
                        .filter(readiness -> !readiness.isReady())
                        .map(NetworkReadiness::reason),
                versions::trouble,
                watch::trouble,
                runtimes.programs().keySet().stream().sorted().toList(),
                node::runtimeFeatures,
                handler -> node.userNamespaces().trouble(handler).isEmpty(),
                configuration.runtime().cgroupDriver(),
                shown(configuration),
                () -> Stream.of(
                                node.setAside(),
                                images.layers().setAside(),
                                images.catalog().setAside())
                        .flatMap(each -> each.list().stream())
                        .toList());
        // Closed before what answers its calls, and after those who follow events, who would hold it up.
        parts.add(server);
        parts.add(node.events());
        metrics.ifPresent(each -> MetricParts.serve(each, configuration, node, imageParts, images, parts));
        metrics.ifPresent(watch::tell);
        parts.add(CommandServer.start(storage.state(), images));
        inspect(configuration, node, parts);
        parts.add(imageParts.upkeep(images));
        server.serve(
                List.of(
                        new RuntimeCalls(
                                calls,
                                Version.current(),
                                status,
                                node.podVerbs(),
                                node.containerVerbs(),
                                node.events(),
                                storage.root()),
                        new ImageCalls(
                                calls,
                                images.catalog(),
                                images.puller(),
                                images.remover(),
                                new ImageSpace(storage.root(), images::usedBytes, images.layers()::usedInodes),
                                imageParts::fullName,
                                runtimes.programs().keySet(),
                                images.pinned())),
                Stream.concat(metrics.map(DaemonMetrics::calls).stream(), tracing.map(Tracing::calls).stream())
                        .toList());
        afterTheFirstAnswers("tidy-up", node::tidyUp);
        afterTheFirstAnswers(
                "versions",
                () -> versions.look(
                        runtimes.programs(),
                        configuration.runtime().monitor(),
                        configuration.network().pluginDirectories()));
        afterTheFirstAnswers("warm-up", Linux::warmUp);
        afterTheFirstAnswers("early-end", EarlyStart::end);
        log.atInfo()
                .addKeyValue("event", "serving")
                .addKeyValue("version", Version.current())
                .addKeyValue("socket", configuration.server().socket())
                .log("ready");
    }

    /** Whoever has waited for this daemon asks at once what there is, and would wait for processors as well. */
    private static void afterTheFirstAnswers(String name, Runnable step) {
        Thread.ofPlatform().name(name).daemon().start(() -> {
            try {
                Thread.sleep(FIRST_ANSWERS);
                step.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private static void inspect(Configuration configuration, PodParts node, Parts parts) {
        var pages = InspectPages.of(configuration, node.podVerbs().catalog(), node.containers());
        var own = configuration.storage().state().resolve("inspect.sock");
        parts.add(HttpDoor.start(new ListenAddress.Unix(own), pages));
        configuration
                .server()
                .inspect()
                .ifPresent(other -> parts.add(HttpDoor.start(new ListenAddress.Unix(other), pages)));
    }

    /** One look at the monitor; the runtimes were looked for at the start. */
    private static Optional<String> runtimeTrouble(OciRuntimes runtimes, Path monitor) {
        if (runtimes.defaultName().isEmpty()) {
            return Optional.of("no OCI runtime is installed: neither crun nor runc");
        }
        return Files.isExecutable(monitor)
                ? Optional.empty()
                : Optional.of("runtime.monitor: there is no program " + monitor);
    }

    /** {@code stateDir} is what critest looks for. */
    private static Json.Obj shown(Configuration configuration) {
        return Json.object()
                .put("rootDir", configuration.storage().root().toString())
                .put("stateDir", configuration.storage().state().toString())
                .put("toml", ConfigurationText.effective(configuration))
                .put("securityModules", SecurityModules.at(Path.of("/")).describe())
                .build();
    }
}
