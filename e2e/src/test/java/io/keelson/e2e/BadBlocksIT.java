package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.e2e.node.Leftovers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node on a real file system of which some blocks cannot be read. */
class BadBlocksIT {
    @TempDir
    Path directory;

    private Path metrics;
    private FaultyDisk disk;
    private NodeOnDisk node;

    @BeforeEach
    void start() throws Exception {
        var place = Files.createDirectory(directory.resolve("node"));
        metrics = directory.resolve("m.sock");
        disk = FaultyDisk.mount(directory, "disk", place.resolve("root"));
        node = NodeOnDisk.start(place, disk, """
                [metrics]
                listen = "unix:%s"
                """.formatted(metrics));
    }

    @AfterEach
    void end() throws Exception {
        if (node != null) {
            node.close();
        }
    }

    /** A pod's record and one of a container in another pod are on bad blocks; all else of the disk works. */
    @Test
    @Tag("D2")
    void recordsOnBadBlocksAreToldWhatTheyWereOfIsEndedAndTheOthersAreServed() throws Exception {
        var cri = node.cri();
        var leftovers = Leftovers.before(node.node().place(), BadBlocksIT::isKept);
        var pod = node.pod("served");
        var id = Requests.run(cri, pod);
        var served = Requests.start(cri, id, pod, NodeOnDisk.idle("served"));
        var lost = Requests.start(cri, id, pod, NodeOnDisk.idle("lost"));
        var lostPod = Requests.run(cri, node.pod("lost"));
        var inLostPod = Requests.start(cri, lostPod, node.pod("lost"), NodeOnDisk.idle("in-it"));
        var theirs = processes(lost, inLostPod);
        var root = node.node().place().root();
        var records = List.of(
                root.resolve(ManyRecords.journal(lostPod)), root.resolve("containers/" + lost + "/record.json"));
        node.node().kill();
        disk.failIn(records);
        try {
            assertLost(records, theirs);
            node.assertServed(id, served);
            var again = Requests.run(node.cri(), node.pod("lost"));
            Requests.start(node.cri(), again, node.pod("lost"), NodeOnDisk.idle("in-it"));
            Requests.start(node.cri(), id, pod, NodeOnDisk.idle("lost"));
            Requests.removePod(node.cri(), again);
            Requests.removePod(node.cri(), id);
        } finally {
            disk.set(FaultyDisk.Behaviour.WORKS);
        }
        node.assertListed(0, 0);
        removeStray(lost);
        leftovers.assertNone();
    }

    /** The next daemon tells it by the names of the records, and nothing of what they were of runs. */
    private void assertLost(List<Path> records, List<Long> processes) throws Exception {
        assertThat(records)
                .allSatisfy(record -> assertThatThrownBy(() -> Files.readAllBytes(record))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("Input/output error"));
        node.node().restart();

        var told = Requests.setAside(node.cri());
        assertThat(records).allSatisfy(record -> assertThat(told).contains(record + ": Input/output error"));
        assertThat(Pages.overSocket(metrics, "/metrics"))
                .contains("keelson_records_set_aside{kind=\"pods\"} %d.0".formatted(records.size()));
        assertThat(processes).noneMatch(NodeProcesses::runs);
    }

    /** Where the tree of cgroup version 2 is not mounted crun makes a plain directory; nobody knows that of a container without a record. */
    private void removeStray(String container) throws IOException {
        var parent = node.node().place().cgroupParent().substring(1);
        var stray = Path.of("/sys/fs/cgroup/unified", parent, container);
        if (Files.isDirectory(stray) && Files.getFileStore(stray).type().equals("tmpfs")) {
            try (var tree = Files.walk(stray)) {
                for (var path : tree.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    private static boolean isKept(String file) {
        return file.startsWith("root/quarantine") || ImageLayout.isPartOf(file);
    }

    /** The monitors of containers, and the containers' own first processes. */
    private List<Long> processes(String... containers) throws IOException {
        var found = new ArrayList<Long>();
        for (var container : containers) {
            var monitor = NodeProcesses.monitor(node.node().place(), container);
            found.add(monitor);
            found.add(NodeProcesses.onlyChild(monitor));
        }
        return found;
    }
}
