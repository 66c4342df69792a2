package io.keelson.pod.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.Inodes;
import io.keelson.host.linux.Mounts;
import io.keelson.host.process.Child;
import io.keelson.host.process.Command;
import io.keelson.host.process.Finished;
import io.keelson.host.process.ProcessIdentity;
import io.keelson.host.process.Processes;
import io.keelson.host.process.SpawnedProcesses;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Needs root, and catatonit for the namespaces with an init. */
@Timeout(60)
class ThreadNamespacePinnerIT {
    private static final Path INIT = Path.of("/usr/bin/catatonit");

    @TempDir
    Path base;

    private final SpawnedProcesses processes = new SpawnedProcesses();
    private final ThreadNamespacePinner pinner = new ThreadNamespacePinner(processes, INIT);
    private Path directory;
    private Optional<ProcessIdentity> init = Optional.empty();

    @BeforeEach
    void make() throws IOException {
        directory = Files.createDirectory(base.resolve("pod"));
    }

    @AfterEach
    void remove() {
        pinner.unpin(directory, init);
    }

    private NamespaceRequest request(boolean sharesPids, Map<String, String> sysctls) {
        return new NamespaceRequest(directory, true, true, sharesPids, "web-0", sysctls, Optional.empty());
    }

    private String inside(String... command) {
        var line = new ArrayList<String>(List.of("/usr/bin/nsenter"));
        new PinnedNamespaces(directory).existing().forEach((kind, path) -> line.add("--" + kind + "=" + path));
        line.addAll(List.of(command));
        return new String(processes.run(Command.of(line)).stdout(), StandardCharsets.UTF_8).strip();
    }

    private void assertNothingIsLeft() throws IOException {
        try (var left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
        assertThat(Mounts.mountInfo()).noneMatch(mount -> mount.mountPoint().startsWith(directory));
        assertThat(initsOfThisPod()).isZero();
    }

    private long initsOfThisPod() {
        return ProcessHandle.allProcesses()
                .filter(process -> environment(process.pid()).contains(NamespacePinner.mark(directory)))
                .count();
    }

    private static List<String> environment(long pid) {
        try {
            var text =
                    new String(Files.readAllBytes(Path.of("/proc/" + pid + "/environ")), StandardCharsets.ISO_8859_1);
            return List.of(text.split("\0", -1));
        } catch (IOException e) {
            return List.of();
        }
    }

    @Test
    void namespacesAreSetUpAndStayWithoutAProcess() throws IOException {
        init = pinner.pin(request(false, Map.of("net.ipv4.ip_forward", "1", "kernel/shm_rmid_forced", "1")));

        assertThat(init).isEmpty();
        var pinned = new PinnedNamespaces(directory);
        for (var path : List.of(pinned.network(), pinned.uts(), pinned.ipc())) {
            assertThat(Inodes.statfs(path).type()).isEqualTo(Inodes.FileSystem.NSFS);
        }
        assertThat(pinned.pid()).doesNotExist();
        assertThat(inside("/bin/hostname")).isEqualTo("web-0");
        assertThat(inside("/bin/cat", "/proc/sys/net/ipv4/ip_forward", "/proc/sys/kernel/shm_rmid_forced"))
                .isEqualTo("1\n1");
        assertThat(inside("/bin/cat", "/sys/class/net/lo/operstate", "/proc/net/dev"))
                .contains("lo:");
    }

    @Test
    @Tag("T64")
    void routersThatAnnounceThemselvesAreNotHeard() {
        init = pinner.pin(request(false, Map.of()));

        inside("/usr/sbin/ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1");
        assertThat(inside(
                        "/bin/sh",
                        "-c",
                        "cat /proc/sys/net/ipv6/conf/all/accept_ra /proc/sys/net/ipv6/conf/eth0/accept_ra"))
                .isEqualTo("0\n0");
    }

    @Test
    void theHostIsLeftAsItWas() throws IOException {
        var hostname = Files.readString(Path.of("/proc/sys/kernel/hostname"));
        var shm = Files.readString(Path.of("/proc/sys/kernel/shm_rmid_forced"));

        init = pinner.pin(request(true, Map.of("kernel.shm_rmid_forced", shm.startsWith("0") ? "1" : "0")));

        assertThat(Path.of("/proc/sys/kernel/hostname")).hasContent(hostname);
        assertThat(Path.of("/proc/sys/kernel/shm_rmid_forced")).hasContent(shm);
    }

    @Test
    void unpinningEndsTheInitAndLeavesNothingAndMayBeRepeated() throws IOException {
        assumeTrue(Files.isExecutable(INIT), INIT + " is not on this node");
        init = pinner.pin(request(true, Map.of()));
        assertThat(init.orElseThrow().isAlive()).isTrue();
        assertThat(initsOfThisPod()).as("the init is found by its mark").isEqualTo(1);

        pinner.unpin(directory, init);
        pinner.unpin(directory, init);

        assertThat(init.orElseThrow().isAlive()).isFalse();
        assertNothingIsLeft();
    }

    @Test
    void aSysctlThatTheKernelRefusesIsInvalidAndLeavesNothing() throws IOException {
        assertThatThrownBy(() -> pinner.pin(request(true, Map.of("net.ipv4.no_such_thing", "1"))))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID))
                .hasMessageContaining("net.ipv4.no_such_thing");
        assertThatThrownBy(() -> pinner.pin(request(false, Map.of("net.ipv4.ip_forward", "many"))))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID))
                .hasMessageContaining("\"many\"");

        assertNothingIsLeft();
    }

    @Test
    void withoutAnInitASharedPidNamespaceIsUnavailable() throws IOException {
        var without = new ThreadNamespacePinner(processes, base.resolve("no-such-init"));

        assertThatThrownBy(() -> without.pin(request(true, Map.of())))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.UNAVAILABLE))
                .hasMessageContaining("no-such-init");
        assertNothingIsLeft();
    }

    @Test
    void anInitThatCannotBePinnedIsKilled() throws Exception {
        assumeTrue(Files.isExecutable(INIT), INIT + " is not on this node");
        var broken = new ThreadNamespacePinner(new WithoutPin(), INIT);

        assertThatThrownBy(() -> broken.pin(request(true, Map.of()))).isInstanceOf(Failure.class);

        var deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (initsOfThisPod() > 0 && System.nanoTime() < deadline) {
            Thread.sleep(10);
        }
        assertNothingIsLeft();
    }

    /** Takes away, just before the init starts, the file that its namespace is to be bound to. */
    private final class WithoutPin implements Processes {
        @Override
        public Finished run(Command command) {
            throw new UnsupportedOperationException("nothing is run here");
        }

        @Override
        public Child start(
                List<String> arguments, Map<String, String> environment, Path where, Map<Integer, Fd> descriptors) {
            try {
                Files.delete(new PinnedNamespaces(directory).pid());
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            return processes.start(arguments, environment, where, descriptors);
        }

        @Override
        public Child startOn(
                Path terminal, List<String> arguments, Map<String, String> environment, Map<Integer, Fd> descriptors) {
            throw new UnsupportedOperationException("nothing is started on a terminal here");
        }
    }
}
