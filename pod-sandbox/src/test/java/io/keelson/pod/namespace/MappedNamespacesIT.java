package io.keelson.pod.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.Mounts;
import io.keelson.host.process.Child;
import io.keelson.host.process.Command;
import io.keelson.host.process.Finished;
import io.keelson.host.process.ProcessIdentity;
import io.keelson.host.process.Processes;
import io.keelson.host.process.SpawnedProcesses;
import io.keelson.pod.namespace.UserNamespace.IdMapping;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The namespaces of pods with a user namespace. Needs root and catatonit. */
@Timeout(60)
class MappedNamespacesIT {
    private static final Path INIT = Path.of("/usr/bin/catatonit");

    @TempDir
    Path base;

    private final SpawnedProcesses processes = new SpawnedProcesses();
    private final ThreadNamespacePinner pinner = new ThreadNamespacePinner(processes, INIT);
    private Path directory;
    private PinnedNamespaces pinned;
    private Optional<ProcessIdentity> init = Optional.empty();

    @BeforeEach
    void make() throws IOException {
        directory = Files.createDirectory(base.resolve("pod"));
        pinned = new PinnedNamespaces(directory);
    }

    @AfterEach
    void remove() {
        pinner.unpin(directory, init);
    }

    private NamespaceRequest request(IdMapping uids, boolean sharesPids, Map<String, String> sysctls) {
        var user = new UserNamespace(NamespaceMode.POD, List.of(uids), List.of(new IdMapping(200_000, 0, 65_536)));
        return new NamespaceRequest(directory, true, true, sharesPids, "web-0", sysctls, Optional.of(user));
    }

    private NamespaceRequest request(boolean sharesPids, Map<String, String> sysctls) {
        return request(new IdMapping(100_000, 0, 65_536), sharesPids, sysctls);
    }

    private String inside(String... command) {
        var line = new ArrayList<String>(List.of("/usr/bin/nsenter"));
        pinned.existing().forEach((kind, path) -> line.add("--" + kind + "=" + path));
        line.addAll(List.of(command));
        return new String(processes.run(Command.of(line)).stdout(), StandardCharsets.UTF_8)
                .strip()
                .replaceAll("\\s+", " ");
    }

    private void assertNothingIsLeft() throws IOException {
        try (var left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
        assertThat(Mounts.mountInfo()).noneMatch(mount -> mount.mountPoint().startsWith(directory));
        assertThat(ProcessHandle.allProcesses().filter(process -> isOfThisPod(process.pid())))
                .isEmpty();
    }

    private boolean isOfThisPod(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/environ"), StandardCharsets.ISO_8859_1)
                    .contains(NamespacePinner.mark(directory));
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void theyAreSetUpAndManagedByTheRootOfTheUserNamespace() {
        var range =
                Map.of("net.ipv4.ping_group_range", "0 100", "net.ipv4.ip_forward", "1", "kernel.shm_rmid_forced", "1");

        init = pinner.pin(request(false, range));

        assertThat(init).isEmpty();
        assertThat(pinned.existing().keySet()).containsExactlyInAnyOrder("net", "ipc", "uts", "user");
        assertThat(inside("/bin/cat", "/proc/self/uid_map", "/proc/self/gid_map", "/proc/self/setgroups"))
                .isEqualTo("0 100000 65536 0 200000 65536 allow");
        assertThat(inside("/bin/hostname")).isEqualTo("web-0");
        assertThat(inside("/bin/cat", "/proc/sys/net/ipv4/ping_group_range"))
                .as("ids of the pod's own")
                .isEqualTo("0 100");
        assertThat(inside("/bin/cat", "/proc/sys/net/ipv4/ip_forward", "/proc/sys/kernel/shm_rmid_forced"))
                .isEqualTo("1 1");
        assertThat(inside("/bin/cat", "/proc/net/if_inet6")).contains(" lo");
        assertThat(inside("/usr/bin/tee", "/proc/sys/net/ipv4/ip_forward")).isEmpty();
        assertThat(inside("/bin/sh", "-c", "hostname other && hostname"))
                .as("a right that only the owner's root has")
                .isEqualTo("other");
    }

    @Test
    void theInitIsRootInsideAndNobodyOutside() throws IOException {
        init = pinner.pin(request(true, Map.of()));

        var process = Path.of("/proc/" + init.orElseThrow().pid());
        assertThat(Files.readString(process.resolve("status")))
                .contains("Uid:\t100000\t100000\t100000\t100000", "Gid:\t200000\t200000\t200000\t200000")
                .contains("NSpid:\t" + init.orElseThrow().pid() + "\t1\n");
        for (var kind : List.of("user", "net", "uts", "ipc", "pid")) {
            assertThat(Files.getAttribute(process.resolve("ns/" + kind), "unix:ino"))
                    .as(kind)
                    .isEqualTo(Files.getAttribute(directory.resolve(kind), "unix:ino"));
        }
        assertThat(ProcessHandle.allProcesses().filter(each -> isOfThisPod(each.pid())))
                .as("what it took to start it has ended")
                .hasSize(1);

        pinner.unpin(directory, init);
        pinner.unpin(directory, init);

        assertThat(init.orElseThrow().isAlive()).isFalse();
        assertNothingIsLeft();
    }

    @Test
    void aSysctlThatTheKernelRefusesIsInvalidAndLeavesNothing() throws IOException {
        for (var sysctl : List.of(
                Map.of("net.ipv4.no_such_thing", "1"),
                Map.of("net.ipv4.ip_forward", "many"),
                Map.of("net.ipv4.ping_group_range", "0 65536"))) {
            assertThatThrownBy(() -> pinner.pin(request(true, sysctl)))
                    .isInstanceOfSatisfying(
                            Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID))
                    .hasMessageContaining(sysctl.keySet().iterator().next());
            assertNothingIsLeft();
        }
    }

    @Test
    void aMappingThatTheKernelRefusesLeavesNothing() throws IOException {
        var beyond = new IdMapping(4_294_967_290L, 0, 100);

        assertThatThrownBy(() -> pinner.pin(request(beyond, true, Map.of())))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("uid_map");

        assertNothingIsLeft();
    }

    /** The holder, a sysctl, the init; and a holder that is not one. */
    @ParameterizedTest
    @ValueSource(strings = {"unshare", "tee", "catatonit", "cat"})
    void aStepThatFailsLeavesNothing(String program) throws IOException {
        var broken = new ThreadNamespacePinner(new Without(program), INIT);

        assertThatThrownBy(() -> broken.pin(request(true, Map.of("net.ipv4.ip_forward", "1"))))
                .isInstanceOf(Failure.class);

        assertNothingIsLeft();
    }

    /** Has, in the place of one program, one that does nothing and fails. */
    private final class Without implements Processes {
        private final String program;

        Without(String program) {
            this.program = program;
        }

        private List<String> without(List<String> arguments) {
            return arguments.stream()
                    .map(each -> each.equals(program) || each.endsWith("/" + program) ? "/bin/false" : each)
                    .toList();
        }

        @Override
        public Finished run(Command command) {
            return processes.run(Command.of(without(command.arguments())).withStdin(command.stdin()));
        }

        @Override
        public Child start(
                List<String> arguments, Map<String, String> environment, Path where, Map<Integer, Fd> descriptors) {
            return processes.start(without(arguments), environment, where, descriptors);
        }

        @Override
        public Child startOn(
                Path terminal, List<String> arguments, Map<String, String> environment, Map<Integer, Fd> descriptors) {
            throw new UnsupportedOperationException("nothing is started on a terminal here");
        }
    }
}
