package io.keelson.e2e;

import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What may be wrong with a node, as a table: each fault with how it is made and the one line by which it is to be named. */
final class DoctorFaults {
    /** The round in which the daemon's directories are {@code small} and {@code few} among the seeds. */
    static final int SMALL = 3;

    /** Of a pod, a container or a layer that is nowhere on disk. */
    static final String NOBODY = "0123456789abcdef".repeat(4);

    /**
     * One of them. Those of one round are made together, and none of them hides another.
     *
     * @param settings a drop-in that makes it, or lets it count
     */
    record Fault(int round, String subject, String verdict, String said, String settings, Sowing sowing) {}

    /** What is done to the node beside its configuration. */
    @FunctionalInterface
    interface Sowing {
        void sow() throws IOException, InterruptedException;
    }

    private static final Sowing NOTHING = () -> {};

    private final Node node;
    private final Path seeds;

    DoctorFaults(Node node) {
        this.node = node;
        seeds = node.place().directory().resolve("seeds");
    }

    List<Fault> all() {
        return List.of(
                new Fault(
                        1, "runtimes", "fail", "gone.program: /nonexistent", handler("gone", "/nonexistent"), NOTHING),
                new Fault(
                        2,
                        "runtimes",
                        "fail",
                        "broken: cannot ask",
                        handler("broken", seeds + "/broken"),
                        () -> program("broken", "echo what >&2; exit 3")),
                new Fault(
                        3,
                        "runtime-versions",
                        "warn",
                        "runc 1.0.0",
                        handler("old", seeds + "/oldrunc"),
                        () -> program("oldrunc", "[ \"$1\" = --version ] && echo runc version 1.0.0")),
                new Fault(3, "user-namespaces", "warn", "old: runc 1.0.0 cannot map", "", NOTHING),
                new Fault(1, "monitor", "fail", "no program /nonexistent", monitor("/nonexistent"), NOTHING),
                new Fault(
                        2,
                        "monitor",
                        "warn",
                        "conmon 2.0.1",
                        monitor(seeds + "/oldconmon"),
                        () -> program("oldconmon", "echo conmon version 2.0.1")),
                new Fault(1, "init", "warn", "/nonexistent", "[runtime]\ninit = \"/nonexistent\"\n", NOTHING),
                new Fault(
                        1,
                        "hooks",
                        "fail",
                        "hooks/bad.json",
                        containers("hook_directories", "hooks"),
                        () -> file("hooks/bad.json", "{")),
                new Fault(
                        1,
                        "devices",
                        "warn",
                        "cdi/bad.json",
                        containers("cdi_directories", "cdi"),
                        () -> file("cdi/bad.json", "{")),
                new Fault(1, "cgroup-driver", "fail", "/nonexistent", """
                        [runtime]
                        cgroup_driver = "systemd"
                        system_bus = "unix:path=/nonexistent"
                        """, NOTHING),
                new Fault(
                        1,
                        "network",
                        "fail",
                        "no network configuration",
                        networks("none"),
                        () -> Files.createDirectories(seeds.resolve("none"))),
                new Fault(
                        2,
                        "network",
                        "fail",
                        "torn/10.conflist",
                        networks("torn"),
                        () -> file("torn/10.conflist", "{\"name\":")),
                new Fault(
                        3,
                        "network",
                        "fail",
                        "missing-plugin",
                        networks("missing"),
                        () -> network("missing", "1.0.0", "missing-plugin")),
                new Fault(4, "network", "fail", "no addresses left", networks("tired"), () -> {
                    plugin("tired", "{\"cniVersion\":\"1.1.0\",\"code\":50,\"msg\":\"no addresses left\"}");
                    network("tired", "1.1.0", "tired");
                }),
                new Fault(5, "network-trial", "fail", "no address for you", networks("stingy"), () -> {
                    plugin("stingy", "{\"cniVersion\":\"1.0.0\",\"code\":100,\"msg\":\"no address for you\"}");
                    network("stingy", "1.0.0", "stingy");
                }),
                new Fault(
                        1,
                        "registries",
                        "fail",
                        "silent.example",
                        registries("silent"),
                        () -> file("silent.conf", registry("silent.example", "127.0.0.1:1", ""))),
                new Fault(
                        2,
                        "registries",
                        "fail",
                        "loction",
                        registries("wrong"),
                        () -> file("wrong.conf", "[[registry]]\nloction = \"a.example\"\n")),
                new Fault(
                        3,
                        "registries",
                        "warn",
                        "127.0.0.1:1 does not answer",
                        registries("slow"),
                        () -> file(
                                "slow.conf",
                                registry("slow.example", TestRegistry.server().address(), "127.0.0.1:1"))),
                new Fault(
                        1,
                        "credentials",
                        "fail",
                        "torn.json",
                        credentials("torn.json"),
                        () -> file("torn.json", "{\"auths\":")),
                new Fault(
                        2,
                        "credentials",
                        "fail",
                        "docker-credential-gone",
                        credentials("helper.json"),
                        () -> file("helper.json", "{\"credsStore\":\"gone\"}")),
                new Fault(
                        3,
                        "credentials",
                        "warn",
                        "open.json",
                        credentials("open.json"),
                        () -> mode(file("open.json", "{}"), "rw-r--r--")),
                new Fault(
                        1,
                        "certificates",
                        "fail",
                        "server.pem",
                        """
                        [streaming.tls]
                        certificate = "%1$s/server.pem"
                        key = "%1$s/server.pem"
                        """.formatted(seeds),
                        () -> file("server.pem", "no certificate")),
                new Fault(
                        1,
                        "directories",
                        "fail",
                        "open to every user",
                        "",
                        () -> mode(node.place().root(), "rwxr-xr-x")),
                new Fault(
                        1,
                        "records",
                        "fail",
                        NOBODY + ".json",
                        "",
                        () -> Files.writeString(pods().resolve(NOBODY + ".json"), "{")),
                new Fault(1, "records-time", "fail", "the clock was put back", "", this::comeFromTheFuture),
                new Fault(
                        1,
                        "set-aside",
                        "warn",
                        "quarantine/strange",
                        "",
                        () -> Files.createDirectories(node.place().root().resolve("quarantine/strange"))),
                new Fault(
                        5,
                        "mounts",
                        "warn",
                        "state/layers/" + NOBODY,
                        "",
                        () -> mount(Files.createDirectories(nobodys("layers")), "-t", "tmpfs", "none")),
                new Fault(5, "namespaces", "warn", "state/containers/" + NOBODY + "/net", "", () -> {
                    var pin = Files.createDirectories(nobodys("containers")).resolve("net");
                    mount(Files.createFile(pin), "--bind", "/proc/self/ns/net");
                }),
                new Fault(
                        5,
                        "leftovers",
                        "warn",
                        "state/persist/" + NOBODY,
                        "",
                        () -> Files.createDirectories(nobodys("persist"))),
                new Fault(SMALL, "disk", "fail", "0 % of all room", """
                        [storage]
                        root = "%1$s/small"
                        state = "%1$s/few"
                        """.formatted(seeds), () -> {
                    mount(
                            Files.createDirectories(seeds.resolve("small")),
                            "-t",
                            "tmpfs",
                            "-o",
                            "size=1m,mode=700",
                            "none");
                    Program.run(seeds, List.of("dd", "if=/dev/zero", "of=" + seeds.resolve("small/full"), "bs=4k"));
                }),
                new Fault(SMALL, "inodes", "warn", "% of all files", "", () -> {
                    var few = Files.createDirectories(seeds.resolve("few"));
                    mount(few, "-t", "tmpfs", "-o", "nr_inodes=1000,mode=700", "none");
                    for (var number = 0; number < 950; number++) {
                        Files.createFile(few.resolve("file" + number));
                    }
                }));
    }

    private static String handler(String name, String program) {
        return "[runtime.handlers.%s]%nprogram = \"%s\"%n".formatted(name, program);
    }

    private static String monitor(String program) {
        return "[runtime]%nmonitor = \"%s\"%n".formatted(program);
    }

    private String containers(String key, String directory) {
        return "[containers]%n%s = [\"%s\"]%n".formatted(key, seeds.resolve(directory));
    }

    private String networks(String directory) {
        return """
                [network]
                configuration_directories = ["%s"]
                plugin_directories = ["%s", "/usr/lib/cni"]
                """.formatted(seeds.resolve(directory), seeds.resolve("plugins"));
    }

    private String registries(String name) {
        return "[images]%nregistries = \"%s.conf\"%n".formatted(seeds.resolve(name));
    }

    private String credentials(String name) {
        return "[images]%nauth_files = [\"%s\"]%n".formatted(seeds.resolve(name));
    }

    private static String registry(String prefix, String location, String mirror) {
        var text = "[[registry]]%nprefix = \"%s\"%nlocation = \"%s\"%ninsecure = true%n".formatted(prefix, location);
        return mirror.isEmpty() ? text : text + "[[registry.mirror]]%nlocation = \"%s\"%n".formatted(mirror);
    }

    private Path pods() {
        return node.place().root().resolve("pods");
    }

    private Path nobodys(String kind) {
        return node.place().state().resolve(kind).resolve(NOBODY);
    }

    private void comeFromTheFuture() throws IOException {
        Files.setLastModifiedTime(
                pods().resolve(NOBODY + ".json"), FileTime.from(Instant.now().plus(Duration.ofDays(1))));
    }

    private void mount(Path target, String... how) throws IOException, InterruptedException {
        var line = new ArrayList<>(List.of("mount"));
        line.addAll(List.of(how));
        line.add(target.toString());
        Program.run(seeds, line).expectSuccess();
    }

    private Path file(String name, String text) throws IOException {
        var file = seeds.resolve(name);
        Files.createDirectories(file.getParent());
        return mode(Files.writeString(file, text), "rw-------");
    }

    private void program(String name, String script) throws IOException {
        mode(file(name, "#!/bin/sh\n" + script + "\n"), "rwxr-xr-x");
    }

    /** One that answers everything but DEL and VERSION with this error. */
    private void plugin(String name, String error) throws IOException {
        program("plugins/" + name, """
                case $CNI_COMMAND in
                  DEL) exit 0 ;;
                  VERSION) echo '{"cniVersion":"1.1.0","supportedVersions":["1.0.0","1.1.0"]}' ;;
                  *) echo '%s'; exit 1 ;;
                esac
                """.formatted(error));
    }

    private void network(String directory, String version, String plugin) throws IOException {
        file(directory + "/10.conflist", """
                {"cniVersion": "%s", "name": "seeded", "plugins": [{"type": "%s"}]}
                """.formatted(version, plugin));
    }

    private static Path mode(Path path, String permissions) throws IOException {
        return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }
}
