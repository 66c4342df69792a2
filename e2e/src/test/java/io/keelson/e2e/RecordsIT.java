package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.ListPodSandboxRequest;
import io.keelson.proto.PodSandbox;
import io.keelson.proto.PodSandboxState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the daemon does about records that are no longer what was written, and about those of a newer one. */
class RecordsIT {
    @TempDir
    Path directory;

    @Test
    @Tag("P2")
    void aDamagedRecordIsToldAndANewerOneStopsTheStart() throws Exception {
        var metrics = directory.resolve("m.sock");
        var setup = Setup.with(TestRegistry.server()).configured("""
                [metrics]
                listen = "unix:%s"
                """.formatted(metrics));
        try (var node = Node.start(directory, TestRegistry.daemon(), setup)) {
            Requests.prepare(node);
            var leftovers = Leftovers.before(node.place(), file -> file.startsWith("root/quarantine"));
            var config = Requests.pod(node.place(), "damaged").build();
            var damaged = Requests.run(node.cri(), config);
            node.kill();
            var record = record(node, damaged);
            var bytes = Files.readAllBytes(record);
            bytes[bytes.length / 2] ^= 1;
            Files.write(record, bytes);

            node.restart();

            assertThat(pods(node)).isEmpty();
            leftovers.assertNone();
            assertThat(Requests.setAside(node.cri()))
                    .contains(damaged)
                    .contains("its checksum is not that of its contents");
            assertThat(Pages.overSocket(metrics, "/metrics"))
                    .contains("keelson_records_set_aside{kind=\"pods\"} 1.0")
                    .contains("keelson_records_set_aside{kind=\"layers\"} 0.0");

            var again = Requests.run(node.cri(), config);
            node.kill();
            var sealed = Files.readString(record(node, again));
            var newer = sealed.lines()
                    .map(line -> ManyRecords.sealed(line.replaceFirst("\"version\":2", "\"version\":3")) + "\n")
                    .collect(Collectors.joining());
            Files.writeString(record(node, again), newer);

            var said = node.startAnother();

            assertThat(said.exitCode()).isNotZero();
            assertThat(said.stdout() + said.stderr()).contains(again).contains("start the newer one again");
            Files.writeString(record(node, again), sealed);
            node.restart();
            assertThat(pods(node)).singleElement().satisfies(pod -> {
                assertThat(pod.getId()).isEqualTo(again);
                assertThat(pod.getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
            });
            Requests.removePod(node.cri(), again);
            leftovers.assertNone();
        }
    }

    private static Path record(Node node, String pod) {
        return node.place().root().resolve(ManyRecords.journal(pod));
    }

    private static List<PodSandbox> pods(Node node) {
        return node.cri()
                .runtime(Requests.DEADLINE)
                .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                .getItemsList();
    }
}
