package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Program;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.ContainerState;
import io.keelson.proto.LinuxContainerConfig;
import io.keelson.proto.LinuxContainerResources;
import io.keelson.proto.LinuxContainerSecurityContext;
import io.keelson.proto.ListContainersRequest;
import io.keelson.proto.Mount;
import io.keelson.proto.NamespaceMode;
import io.keelson.proto.NamespaceOption;
import io.keelson.proto.PodSandboxConfig;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/**
 * Many containers that end in different ways while the daemon is dead: what is told of each afterwards is true, and who has their
 * process numbers by then is left alone. {@code keelson.exits} says how many; there are fewer in a check than {@code e2e/chaos} has.
 */
class ExitsWhileAwayIT {
    private static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;
    private static final int COUNT = Integer.getInteger("keelson.exits", 28);
    private static final int AT_ONCE = 4;
    private static final int REUSED = 6;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final long MEMORY_LIMIT = 24 << 20;

    /** How a container ends, with {@code %1$d} as its code or {@code %2$d} as its signal. */
    private enum End {
        WELL("exit 0", "Completed"),
        BADLY("exit %1$d", "Error"),
        BY_ITS_OWN_SIGNAL("kill -%2$d $$", "Error"),
        BY_FORCE("read forever <>/host/never", "Error"),
        FOR_WANT_OF_MEMORY("exec tail /dev/zero", "OOMKilled"),
        WITH_ITS_MONITOR("read forever <>/host/never", "Error"),
        NOT("read forever <>/host/never", "");

        private final String command;
        final String reason;

        End(String command, String reason) {
            this.command = command;
            this.reason = reason;
        }

        String command(int number) {
            return command.formatted(code(number), signal(number));
        }

        /** What a shell does not ignore. */
        private static int signal(int number) {
            return List.of(1, 6, 9, 11, 15).get(number % 5);
        }

        int code(int number) {
            return switch (this) {
                case WELL, NOT -> 0;
                case BADLY -> number % 100 + 1;
                case BY_ITS_OWN_SIGNAL -> 128 + signal(number);
                case BY_FORCE, FOR_WANT_OF_MEMORY -> 137;
                case WITH_ITS_MONITOR -> 255;
            };
        }

        boolean isByUs() {
            return this == BY_FORCE || this == WITH_ITS_MONITOR;
        }
    }

    private record Subject(int number, End end, String id, long pid, long monitor) {}

    @TempDir
    Path directory;

    private Node node;
    private Leftovers leftovers;
    private final List<Subject> subjects = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        node = Node.start(directory, TestRegistry.daemon(), Setup.with(TestRegistry.server()));
        Requests.prepare(node, BUSYBOX);
        for (var fifo : List.of("go", "never")) {
            Program.run(directory, List.of("mkfifo", directory.resolve(fifo).toString()))
                    .expectSuccess();
        }
        leftovers = Leftovers.before(node.place(), ImageLayout::isPartOf);
    }

    @AfterEach
    void end() {
        node.close();
    }

    @Test
    @Tag("exits")
    @Tag("K3")
    void codesReasonsAndTimesAreTrueAndStrangersWithOldNumbersLive() throws Exception {
        var pods = List.of(pod("by-crun", "crun"), pod("by-runc", "runc"));
        startAll(pods);
        var began = Instant.now();

        node.kill();
        letGo();
        var ended = Instant.now();
        try (var strangers = new PidThief(oldNumbers())) {
            assertThat(strangers.taken()).as("process numbers in use again").hasSizeGreaterThanOrEqualTo(REUSED);
            assertThat(strangers.taken())
                    .as("among them, of monitors that left no word, which are asked for by their numbers")
                    .containsAnyElementsOf(silentMonitors());
            node.restart();

            assertThat(node.cri()
                            .runtime(Requests.DEADLINE)
                            .listContainers(ListContainersRequest.getDefaultInstance())
                            .getContainersCount())
                    .isEqualTo(COUNT);
            var restarted = Instant.now();
            for (var subject : subjects) {
                assertTrue(subject, began, subject.end() == End.WITH_ITS_MONITOR ? restarted : ended);
            }
            subjects.forEach(subject -> Requests.stop(node.cri(), subject.id(), Duration.ZERO));
            pods.forEach(pod -> Requests.removePod(node.cri(), pod.id()));
            assertThat(strangers.killed()).isEmpty();
        }
        leftovers.assertNone();
    }

    private record Pod(String id, PodSandboxConfig config) {}

    /** The kernel keeps most signals from the first process of a PID namespace; so containers may be in the host's. */
    private Pod pod(String name, String handler) throws Exception {
        var config = Requests.pod(node.place(), name);
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .setNamespaceOptions(NamespaceOption.newBuilder().setPid(NamespaceMode.NODE));
        Files.createDirectories(Path.of(config.getLogDirectory()));
        return new Pod(Requests.run(node.cri(), config.build(), handler), config.build());
    }

    private void startAll(List<Pod> pods) throws Exception {
        for (var first = 0; first < COUNT; first += AT_ONCE) {
            var begin = first;
            subjects.addAll(Together.all(Math.min(AT_ONCE, COUNT - first), each -> {
                var number = begin + each;
                return start(pods.get(number % pods.size()), number, End.values()[number / 2 % End.values().length]);
            }));
        }
    }

    private Subject start(Pod pod, int number, End end) {
        var id = Requests.start(node.cri(), pod.id(), pod.config(), config(number, end));
        var info = JsonMapper.shared().readTree(Requests.inspect(node.cri(), id).getInfoOrThrow("info"));
        return new Subject(
                number,
                end,
                id,
                info.at("/pid").longValue(),
                info.at("/status/monitor/pid").longValue());
    }

    /** It waits, without doing anything, until somebody opens the other end of a FIFO. */
    private ContainerConfig config(int number, End end) {
        var linux = LinuxContainerConfig.newBuilder();
        if (end == End.FOR_WANT_OF_MEMORY) {
            linux.setResources(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(MEMORY_LIMIT));
        } else {
            linux.setSecurityContext(LinuxContainerSecurityContext.newBuilder()
                    .setNamespaceOptions(NamespaceOption.newBuilder().setPid(NamespaceMode.NODE)));
        }
        return Requests.container("c" + number, BUSYBOX, List.of("sh", "-c", ": </host/go; " + end.command(number)))
                .setLinux(linux)
                .addMounts(Mount.newBuilder().setHostPath(directory.toString()).setContainerPath("/host"))
                .build();
    }

    /** Lets all end, kills those that do not by themselves, and waits for the ends of those that end. */
    private void letGo() throws Exception {
        try (var _ = FileChannel.open(directory.resolve("go"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            subjects.stream().filter(each -> each.end().isByUs()).forEach(each -> {
                if (each.end() == End.WITH_ITS_MONITOR) {
                    kill(each.monitor());
                }
                kill(each.pid());
            });
            Awaitility.await("they end, and their monitors say so")
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> numbersThatEnd().noneMatch(NodeProcesses::runs));
            Awaitility.await("the machine's first process has waited for one of those monitors")
                    .atMost(PATIENCE)
                    .until(() -> silentMonitors().stream().anyMatch(ExitsWhileAwayIT::isNobodys));
        }
    }

    private static void kill(long pid) {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }

    private Stream<Long> numbersThatEnd() {
        return subjects.stream()
                .filter(each -> each.end() != End.NOT)
                .flatMap(each -> Stream.of(each.pid(), each.monitor()));
    }

    private List<Long> silentMonitors() {
        return subjects.stream()
                .filter(each -> each.end() == End.WITH_ITS_MONITOR)
                .map(Subject::monitor)
                .toList();
    }

    /** Those that nobody has: of what the machine's first process has not yet waited for the number is taken. */
    private List<Long> oldNumbers() {
        return numbersThatEnd().filter(ExitsWhileAwayIT::isNobodys).toList();
    }

    private static boolean isNobodys(long pid) {
        return !Files.exists(Path.of("/proc", Long.toString(pid)));
    }

    private void assertTrue(Subject subject, Instant began, Instant ended) {
        var status = Requests.status(node.cri(), subject.id());
        var end = subject.end();
        if (end == End.NOT) {
            assertThat(status.getState()).as("%s", subject).isEqualTo(ContainerState.CONTAINER_RUNNING);
            return;
        }
        assertThat(status.getState()).as("%s", subject).isEqualTo(ContainerState.CONTAINER_EXITED);
        assertThat(status.getExitCode()).as("%s", subject).isEqualTo(end.code(subject.number()));
        assertThat(status.getReason()).as("%s", subject).isEqualTo(end.reason);
        // The clock of file systems is up to a tick behind.
        assertThat(Instant.ofEpochSecond(0, status.getFinishedAt()))
                .as("%s", subject)
                .isBetween(began.minusMillis(50), ended.plusMillis(50));
        assertThat(status.getStartedAt()).isBetween(status.getCreatedAt(), status.getFinishedAt());
    }
}
