package io.keelson.e2e;

import static io.keelson.e2e.KillSpot.after;
import static io.keelson.e2e.KillSpot.before;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A named point at which the daemon is killed.
 *
 * @param recovery where the daemon that finds what is left then dies as well
 */
record KillPoint(String name, Deed deed, KillSpot spot, Optional<KillSpot> recovery) {
    private static final String POD = "io.keelson.pod.";
    private static final String CONTAINER = POD + "container.";
    private static final String IMAGE = "io.keelson.image.";
    private static final String DURABLE_FILES = "io.keelson.host.disk.DurableFiles";
    private static final String NETWORK = POD + "network.CniPodNetwork";
    private static final String ATTACHMENTS = POD + "network.AttachmentStore";
    private static final String PINNER = POD + "namespace.ThreadNamespacePinner";
    private static final String MONITOR = "io.keelson.oci.monitor.MonitorLauncher";
    private static final String RUNTIME = "io.keelson.oci.runtime.OciRuntime";
    private static final List<KillPoint> ALL = new Table().points;

    /** Every one there is, in the order of a pod's life. */
    static List<KillPoint> all() {
        return ALL;
    }

    /** Those whose names have something of the pattern. */
    static List<KillPoint> matching(String pattern) {
        var regex = Pattern.compile(pattern);
        return ALL.stream().filter(point -> regex.matcher(point.name).find()).toList();
    }

    @Override
    public String toString() {
        return name;
    }

    /** What an operation has done when the daemon dies. */
    private static final class Table {
        final List<KillPoint> points = new ArrayList<>();

        Table() {
            pull();
            runPod();
            createContainer();
            startContainer();
            stopContainer();
            removeContainer();
            stopPod();
            removePod();
            removeImage();
            execSync();
            stream();
            update();
            recovery();
        }

        private void add(Deed deed, String what, KillSpot spot) {
            points.add(new KillPoint(deed.title() + "/" + what, deed, spot, Optional.empty()));
        }

        private void pull() {
            var deed = Deed.PULL;
            add(deed, "asks the registry", before(IMAGE + "ImagePuller", "bring"));
            add(deed, "has the manifest", after(IMAGE + "registry.RegistrySession", "manifest"));
            add(deed, "has the config", after(IMAGE + "transfer.ManifestResolver", "config"));
            add(
                    deed,
                    "amid a blob",
                    after(IMAGE + "registry.BlobStream", "read").time(2));
            add(deed, "a document has its name", after(IMAGE + "blob.OciLayout", "write"));
            add(
                    deed,
                    "amid a tar",
                    before(IMAGE + "layer.LayerBuilder", "apply").time(2));
            add(deed, "a layer is synchronised", after(IMAGE + "layer.LayerConverter", "synchronise"));
            add(deed, "a layer has its record", after(IMAGE + "layer.LayerStore", "describe"));
            add(deed, "a layer has its name", after(IMAGE + "layer.LayerStore", "publish"));
            add(deed, "has its record", after(IMAGE + "RecordDirectory", "write"));
            add(deed, "before the reply", after(IMAGE + "ImagePuller", "pull"));
        }

        private void runPod() {
            var deed = Deed.RUN_POD;
            add(deed, "has its name", before(POD + "PodStarter", "make"));
            add(deed, "has its record", after(POD + "PodStarter", "writeRecord"));
            add(deed, "has its cgroup", after(POD + "PodStarter", "limit"));
            add(deed, "has files for namespaces", after(PINNER, "makeFiles"));
            add(deed, "has namespaces", after(PINNER, "pin"));
            add(deed, "an attachment is noted", after(ATTACHMENTS, "put"));
            add(
                    deed,
                    "a plugin has run",
                    after(POD + "network.PluginRunner", "run").under("CniPodNetwork.attachNow"));
            add(deed, "has an address", after(ATTACHMENTS, "put").time(2));
            add(deed, "has host ports", after(NETWORK, "publish"));
            add(deed, "has files", after(POD + "PodStarter", "makeFiles"));
            add(deed, "is ready on disk", before(POD + "PodCatalog", "add"));
            add(deed, "before the reply", after(POD + "PodStarter", "start"));
        }

        private void createContainer() {
            var deed = Deed.CREATE;
            add(deed, "has its name", before(CONTAINER + "ContainerCreator", "make"));
            add(deed, "has a directory", before(CONTAINER + "OverlayRoots", "mount"));
            add(deed, "has a root", after(CONTAINER + "OverlayRoots", "mount"));
            add(deed, "has a working directory", after(CONTAINER + "OverlayRoots", "makeDirectory"));
            add(deed, "has a configuration", after(CONTAINER + "ContainerCreator", "writeSpec"));
            add(deed, "has its record", before(CONTAINER + "ContainerCreator", "createAndSettle"));
            add(deed, "has a monitor", after(MONITOR, "letGo"));
            add(deed, "has a process", after(MONITOR, "await"));
            add(deed, "is created on disk", before(CONTAINER + "ContainerCatalog", "add"));
            add(deed, "before the reply", after(CONTAINER + "ContainerCreator", "create"));
        }

        private void startContainer() {
            var deed = Deed.START;
            add(deed, "asks the runtime", before(RUNTIME, "start"));
            add(deed, "runs", after(RUNTIME, "start"));
            add(
                    deed,
                    "runs on disk",
                    after(CONTAINER + "ContainerCatalog", "change").under("ContainerStarter.start"));
            add(deed, "before the reply", after(CONTAINER + "ContainerStarter", "start"));
        }

        private void stopContainer() {
            var deed = Deed.STOP;
            add(deed, "before the signal", before(CONTAINER + "StopSignals", "signal"));
            add(deed, "after the signal", after(CONTAINER + "StopSignals", "signal"));
            add(deed, "its grace is over", before(CONTAINER + "ContainerStopper", "kill"));
            add(deed, "is killed", after(CONTAINER + "OciContainers", "killAll"));
            add(deed, "before the reply", after(CONTAINER + "ContainerStopper", "stop"));
        }

        private void removeContainer() {
            var deed = Deed.REMOVE_CONTAINER;
            add(deed, "has ended", before(CONTAINER + "ContainerRemover", "takeBack"));
            add(deed, "the runtime forgot it", after(CONTAINER + "OciContainers", "delete"));
            add(deed, "has no bundle", after(DURABLE_FILES, "deleteTree").under("ContainerRemover.takeBack"));
            add(deed, "has no root", after(CONTAINER + "OverlayRoots", "unmount"));
            add(deed, "has no record", before(CONTAINER + "ContainerCatalog", "forget"));
            add(deed, "before the reply", after(CONTAINER + "ContainerRemover", "remove"));
        }

        private void stopPod() {
            var deed = Deed.STOP_POD;
            add(deed, "is not ready on disk", after(POD + "PodCatalog", "change"));
            add(deed, "containers have ended", after(CONTAINER + "ContainerRemover", "stopAll"));
            add(deed, "has no host ports", before(NETWORK, "delete"));
            add(deed, "has no address", after(NETWORK, "detach"));
            add(deed, "has no namespaces", after(PINNER, "unpin"));
            add(
                    deed,
                    "holds nothing on disk",
                    after(POD + "PodCatalog", "change").time(2));
            add(deed, "before the reply", after(POD + "PodStopper", "stop"));
        }

        private void removePod() {
            var deed = Deed.REMOVE_POD;
            add(deed, "is stopped", after(POD + "PodStopper", "stopHere"));
            add(deed, "has no containers", after(CONTAINER + "ContainerRemover", "removeAll"));
            add(deed, "has no state", after(DURABLE_FILES, "deleteTree").under("PodRemover.removeHere"));
            add(deed, "has no record", before(POD + "PodCatalog", "forget"));
            add(deed, "before the reply", after(POD + "PodRemover", "remove"));
        }

        private void removeImage() {
            var deed = Deed.REMOVE_IMAGE;
            add(deed, "is found", before(IMAGE + "RecordDirectory", "remove"));
            add(deed, "has no record", after(IMAGE + "RecordDirectory", "remove"));
            add(deed, "has no documents", after(IMAGE + "ImageCatalog", "removeUnusedBlobs"));
            add(deed, "has no names", after(IMAGE + "ImageCatalog", "writeIndex"));
            add(deed, "a layer is gone", after(IMAGE + "layer.LayerStore", "remove"));
            add(deed, "before the reply", after(IMAGE + "ImageRemover", "remove"));
        }

        private void execSync() {
            var deed = Deed.EXEC_SYNC;
            add(deed, "is asked for", before(CONTAINER + "CommandRunner", "run"));
            add(deed, "the runtime is about to run", before(RUNTIME, "exec"));
            add(
                    deed,
                    "the runtime runs",
                    after("io.keelson.host.process.SpawnedProcesses", "spawn").under("OciRuntime.exec"));
            add(deed, "has ended", after(RUNTIME, "exec"));
            add(deed, "before the reply", after(CONTAINER + "ExecSync", "run"));
        }

        private void stream() {
            var deed = Deed.STREAM;
            add(deed, "is offered", after("io.keelson.server.stream.StreamServer", "offer"));
            add(deed, "a client is there", before(POD + "stream.ContainerExec", "run"));
            add(deed, "the command runs", after(RUNTIME, "converse"));
        }

        private void update() {
            var deed = Deed.UPDATE;
            add(deed, "is noted", after(DURABLE_FILES, "write").under("ContainerUpdater.make"));
            add(deed, "is in force", after(CONTAINER + "OciContainers", "update"));
            add(deed, "is on disk", after(CONTAINER + "ContainerCatalog", "change"));
            add(deed, "before the reply", after(CONTAINER + "ContainerUpdater", "update"));
        }

        /** What the first daemon left is a pod with an address, or a container with a process, of which nobody was told. */
        private void recovery() {
            var pod = after(ATTACHMENTS, "put").time(2);
            recovery(Deed.RUN_POD, "an address is back", pod, after(NETWORK, "detach"));
            recovery(Deed.RUN_POD, "all is back", pod, after(POD + "UnfinishedStarts", "takeBack"));
            var container = after(MONITOR, "await");
            recovery(Deed.CREATE, "the runtime forgot it", container, after(CONTAINER + "OciContainers", "delete"));
            recovery(Deed.CREATE, "all is back", container, after(CONTAINER + "ContainerRemover", "takeBack"));
        }

        private void recovery(Deed deed, String what, KillSpot first, KillSpot second) {
            points.add(new KillPoint("recovery/" + deed.title() + ", " + what, deed, first, Optional.of(second)));
        }
    }
}
