package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Program;
import io.keelson.e2e.node.Setup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code keelson doctor}: on a node with a pod that is well it says just what is true of this machine, and each fault is named by its
 * line. The daemon serves the first tests and is killed by a later one, and the pod goes on.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DoctorIT {
    private static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;
    private static final int CAP_SYS_RESOURCE = 24;

    /** What is looked at in each round of faults besides: limits that the daemon would be started with. */
    private static final List<String> FEW_RIGHTS =
            List.of("setpriv", "--bounding-set=-mknod", "prlimit", "--nofile=1000:1000");

    @TempDir
    static Path directory;

    private static Node node;

    private record Line(String verdict, String said, String advice) {}

    @BeforeAll
    static void startNode() throws Exception {
        node = Node.start(directory, TestRegistry.daemon(), Setup.with(TestRegistry.server()));
        Requests.prepare(node, BUSYBOX);
        var pod = Requests.pod(node.place(), "doctor").build();
        var podId = Requests.run(node.cri(), pod);
        Requests.start(
                node.cri(),
                podId,
                pod,
                Requests.container("well", BUSYBOX, List.of("sleep", "100000")).build());
    }

    @AfterAll
    static void endNode() {
        if (node != null) {
            node.close();
        }
    }

    private static Map<String, Line> doctor(List<String> before, String... more)
            throws IOException, InterruptedException {
        var line = new ArrayList<>(before);
        line.addAll(node.commandLine("doctor", "--json"));
        line.addAll(List.of(more));
        var said = Program.run(directory, line);
        assertThat(said.stderr()).as("beside the report").doesNotContain("Exception");
        var lines = StreamSupport.stream(
                        JsonMapper.shared().readTree(said.stdout()).spliterator(), false)
                .collect(Collectors.toMap(
                        each -> text(each, "subject"),
                        each -> new Line(text(each, "verdict"), text(each, "said"), text(each, "advice"))));
        assertThat(said.exitCode()).isEqualTo(worst(lines));
        assertThat(lines.values())
                .allMatch(each -> each.advice().isEmpty() == each.verdict().equals("ok"));
        return lines;
    }

    private static String text(JsonNode line, String key) {
        return line.get(key).asString();
    }

    private static int worst(Map<String, Line> lines) {
        var verdicts = lines.values().stream().map(Line::verdict).collect(Collectors.toSet());
        return verdicts.contains("fail") ? 2 : verdicts.contains("warn") ? 1 : 0;
    }

    /** The subjects of all lines that are not OK, with their verdicts. */
    private static Map<String, String> complaints(Map<String, Line> lines) {
        var found = new TreeMap<String, String>();
        lines.forEach((subject, line) -> {
            if (!line.verdict().equals("ok")) {
                found.put(subject, line.verdict());
            }
        });
        return found;
    }

    /** What is not as it should be with this machine itself, found out in other ways. */
    private static Map<String, String> trueOfThisMachine(Path process) throws IOException, InterruptedException {
        var found = new TreeSet<String>();
        var status = Files.readString(process.resolve("status"));
        var effective = Long.parseUnsignedLong(first("CapEff:\\s*([0-9a-f]+)", status), 16);
        if ((effective >> CAP_SYS_RESOURCE & 1) == 0) {
            found.add("capabilities");
        }
        var files = first("Max open files +\\S+ +(\\d+)", Files.readString(process.resolve("limits")));
        if (Long.parseLong(files) < 65536) {
            found.add("limits");
        }
        var clock = "import ctypes; print(ctypes.CDLL(None).adjtimex((ctypes.c_char * 256)()))";
        if (said("/usr/bin/python3", "-c", clock).strip().equals("5")) {
            found.add("clock");
        }
        if (isBelow(first("version (\\S+)", said("/usr/bin/crun", "--version")), 1, 28)
                || isBelow(first("version (\\S+)", said(Program.required("keelson.runc"), "--version")), 1, 5)) {
            found.add("runtime-versions");
        }
        if (!said("/usr/lib/cni/bridge").matches("(?s).*plugin v?(1\\.9|1\\.[1-9]\\d|[2-9])\\..*")) {
            found.add("plugin-versions");
        }
        var room = said("stat", "-f", "-c", "%a %b %d %c", node.place().root().toString())
                .strip()
                .split(" ", -1);
        if (Long.parseLong(room[0]) * 100 / Long.parseLong(room[1]) < 10) {
            found.add("disk");
        }
        if (!room[3].equals("0") && Long.parseLong(room[2]) * 100 / Long.parseLong(room[3]) < 10) {
            found.add("inodes");
        }
        return found.stream().collect(Collectors.toMap(each -> each, _ -> "warn"));
    }

    private static boolean isBelow(String version, int major, int minor) {
        var parts = version.split("\\.", -1);
        var compared = Integer.compare(Integer.parseInt(parts[0]), major);
        return compared < 0 || (compared == 0 && Integer.parseInt(parts[1]) < minor);
    }

    private static String first(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + pattern + " in " + text));
    }

    private static String said(String... command) throws IOException, InterruptedException {
        var said = Program.run(directory, List.of(command));
        return said.stdout() + said.stderr();
    }

    @Test
    @Order(1)
    void saysOfANodeThatIsWellJustWhatIsTrueOfTheMachine() throws Exception {
        var lines = doctor(List.of());

        assertThat(complaints(lines)).isEqualTo(trueOfThisMachine(Path.of("/proc", "" + node.pid())));
        assertThat(lines.get("daemon").said()).contains("process " + node.pid() + " answers");
        assertThat(lines.get("network-trial").said()).contains(node.place().subnetPrefix());
        try (var leases = Files.list(node.place().leases().resolve(node.place().bridge()))) {
            assertThat(leases.map(each -> each.getFileName().toString()).filter(node.place()::namesAddress))
                    .as("the pod's address, and none of the trial's")
                    .hasSize(1);
        }
    }

    @Test
    @Order(2)
    void repairsNothingWhileTheDaemonRuns() throws Exception {
        var said = node.command("doctor", "--fix");

        assertThat(said.exitCode()).isEqualTo(1);
        assertThat(said.stderr()).contains("cannot repair anything").contains("process " + node.pid() + " uses it");
    }

    @Test
    @Order(3)
    void namesADaemonThatDoesNotAnswer() throws Exception {
        said("kill", "-STOP", "" + node.pid());
        try {
            assertThat(doctor(List.of()).get("daemon"))
                    .returns("fail", Line::verdict)
                    .matches(line -> line.advice().contains("process " + node.pid()));
        } finally {
            said("kill", "-CONT", "" + node.pid());
        }
    }

    @Test
    @Order(4)
    void namesAConfigurationThatCannotBeUsed() throws Exception {
        var dropIn = dropIn("wrong", "[server]\nsokcet = \"/run/a.sock\"\n");
        try {
            var lines = doctor(List.of());
            assertThat(lines.get("configuration"))
                    .returns("fail", Line::verdict)
                    .matches(line -> line.said().contains("did you mean \"server.socket\""));
            assertThat(lines).containsKeys("kernel", "cgroups").doesNotContainKey("network");
        } finally {
            Files.delete(dropIn);
        }
    }

    @ParameterizedTest
    @Order(5)
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void namesEachFaultByItsLineAndInventsNone(int round) throws Exception {
        if (round == 1) {
            node.kill();
        }
        var faults = new DoctorFaults(node)
                .all().stream().filter(each -> each.round() == round).toList();
        var dropIns = new ArrayList<Path>();
        Files.createDirectories(directory.resolve("seeds"));
        for (var fault : faults) {
            fault.sowing().sow();
            dropIns.add(dropIn(round + "-" + dropIns.size(), fault.settings()));
        }
        var orphan = startOrphan(
                round == DoctorFaults.SMALL
                        ? directory.resolve("seeds/few")
                        : node.place().state());
        try {
            var lines = doctor(FEW_RIGHTS);

            for (var fault : faults) {
                assertThat(lines.get(fault.subject()))
                        .as("%s", fault)
                        .returns(fault.verdict(), Line::verdict)
                        .matches(line -> line.said().contains(fault.said()), "says " + fault.said());
            }
            assertThat(lines.get("capabilities").said()).contains("without CAP_MKNOD");
            assertThat(lines.get("limits").said()).contains("1000 open files");
            assertThat(lines.get("monitors").said()).contains("process " + orphan.pid() + " watches");
            var expected = new TreeMap<>(trueOfThisMachine(Path.of("/proc/self")));
            faults.forEach(fault -> expected.put(fault.subject(), fault.verdict()));
            expected.putAll(Map.of("capabilities", "fail", "limits", "warn", "monitors", "warn"));
            assertThat(expected).as("all that may be complained of").containsAllEntriesOf(complaints(lines));
        } finally {
            orphan.getOutputStream().close();
            orphan.waitFor();
            for (var dropIn : dropIns) {
                Files.delete(dropIn);
            }
            if (round == 1) {
                mendWhatNoRepairDoes();
            }
        }
    }

    @Test
    @Order(6)
    void repairsWhatIsNobodysAndLeavesTheRest() throws Exception {
        var before = mountsOf("pods").size();
        var said = node.command("doctor", "--fix");

        assertThat(said.stderr()).contains("removed " + node.place().state().resolve("layers"));
        for (var subject : List.of("mounts", "namespaces", "leftovers", "monitors")) {
            assertThat(said.stdout().lines()).anyMatch(line -> line.matches("OK    " + subject + " +each .*"));
        }
        assertThat(mountsOf(DoctorFaults.NOBODY)).isEmpty();
        try (var walk = Files.walk(node.place().state(), 2)) {
            assertThat(walk.filter(each -> each.endsWith(DoctorFaults.NOBODY))).isEmpty();
        }
        assertThat(before).isPositive();
        assertThat(mountsOf("pods")).as("the pod's own").hasSize(before);
        assertThat(mountsOf("rootfs")).as("the container's own").hasSize(1);
    }

    private static List<String> mountsOf(String part) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .filter(line -> line.split(" ", -1)[4].startsWith(directory + "/") && line.contains("/" + part))
                .toList();
    }

    private static Path dropIn(String name, String text) throws IOException {
        var directories = Files.createDirectories(directory.resolve("keelson.d"));
        return Files.writeString(directories.resolve(name + ".toml"), text);
    }

    /** What a monitor looks like from outside, of a container that is on no disk. */
    private static Process startOrphan(Path state) throws IOException {
        return new ProcessBuilder(
                        "sh", "-c", "read line", "--cid=" + DoctorFaults.NOBODY, "--exit-dir=" + state.resolve("exits"))
                .start();
    }

    private static void mendWhatNoRepairDoes() throws IOException {
        Files.setPosixFilePermissions(node.place().root(), PosixFilePermissions.fromString("rwx------"));
        Files.deleteIfExists(node.place().root().resolve(ManyRecords.journal(DoctorFaults.NOBODY)));
        Files.deleteIfExists(node.place().root().resolve("quarantine/strange"));
    }
}
