package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import io.grpc.Status.Code;
import io.keelson.e2e.images.LayerTar;
import io.keelson.e2e.images.SystemCallProgram;
import io.keelson.e2e.images.TestImages;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.Int64Value;
import io.keelson.proto.KeyValue;
import io.keelson.proto.LinuxContainerSecurityContext;
import io.keelson.proto.PodSandboxConfig;
import io.keelson.proto.SecurityProfile;
import io.keelson.proto.SecurityProfile.ProfileType;
import io.keelson.proto.SupplementalGroupsPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who a container is and what it may do by default (docs/security-tests.md, "Identity, capabilities, defaults"). */
@Tag("trap-12")
class SecurityIdentityIT {
    private static final List<String> HANDLERS = List.of("crun", "runc");
    private static final String FUSE_MAJOR = "10";
    private static final String FUSE_MINOR = "229";
    private static final String NONE = "0000000000000000";

    @RegisterExtension
    static final SecurityScene scene = new SecurityScene();

    private static void withPods(String name, SecurityScene.PodAction action) throws Exception {
        for (var handler : HANDLERS) {
            scene.withPod(scene.pod(name).build(), handler, action);
        }
    }

    private static LinuxContainerSecurityContext.Builder security(ContainerConfig.Builder container) {
        return container.getLinuxBuilder().getSecurityContextBuilder();
    }

    private static Consumer<ContainerConfig.Builder> as(long uid) {
        return container -> security(container).setRunAsUser(number(uid));
    }

    private static Int64Value number(long value) {
        return Int64Value.newBuilder().setValue(value).build();
    }

    /** A line of {@code /proc/PID/status}, as the first process of the container has it, and as a command in it has it. */
    private static List<String> ofInitAndCommand(String container, String line) {
        return Stream.of("1", "self")
                .map(process -> scene.ask(container, "sh", "-c", "grep ^" + line + ": /proc/" + process + "/status"))
                .map(text -> text.substring(text.indexOf(':') + 1).strip())
                .toList();
    }

    @Test
    @Tag("T11")
    void whoIsNotRootHasNoCapabilities() throws Exception {
        withPods("ambient", pod -> {
            var container = pod.start(
                    "c",
                    SecurityScene.BUSYBOX,
                    as(1000).andThen(each ->
                            security(each).getCapabilitiesBuilder().addAddCapabilities("NET_ADMIN")));
            for (var set : List.of("CapAmb", "CapEff", "CapPrm")) {
                assertThat(ofInitAndCommand(container, set)).as(set).containsExactly(NONE, NONE);
            }
            var exec = scene.node().crictl("exec", container, "grep", "^CapAmb:\\|^CapEff:", "/proc/self/status");
            assertThat(exec.expectSuccess().lines()).hasSize(2).allMatch(line -> line.endsWith(NONE));
        });
    }

    @Test
    @Tag("T12")
    void nobodysCapabilitiesAreInheritable() throws Exception {
        withPods("inheritable", pod -> {
            var plain = pod.start("plain", SecurityScene.BUSYBOX);
            var more = pod.start(
                    "more",
                    SecurityScene.BUSYBOX,
                    each -> security(each).getCapabilitiesBuilder().addAddCapabilities("SYS_ADMIN"));
            var all = pod.start(
                    "all", SecurityScene.BUSYBOX, each -> security(each).setPrivileged(true));
            var somebody = pod.start("somebody", SecurityScene.BUSYBOX, as(1000));
            for (var container : List.of(plain, more, all, somebody)) {
                assertThat(ofInitAndCommand(container, "CapInh")).containsExactly(NONE, NONE);
            }
        });
    }

    /** A user with groups of its own, and files that are for all but one group. */
    private static String imageWithGroups() throws Exception {
        return scene.images()
                .push(
                        "groups",
                        new LayerTar()
                                .file("etc/passwd", 0644, "root:x:0:0::/:/bin/sh\napp:x:1000:1001::/:/bin/sh\n")
                                .file(
                                        "etc/group",
                                        0644,
                                        "root:x:0:\napp:x:1001:\nextra:x:2000:app\nother:x:2001:root\n")
                                .ownedBy(0, 1001)
                                .file("not-for-app", 0604, "not for the group app\n")
                                .ownedBy(0, 2000)
                                .file("not-for-extra", 0604, "not for the group extra\n"),
                        image -> image.as("app"));
    }

    private record Groups(String expected, Consumer<LinuxContainerSecurityContext.Builder> wanted) {}

    @Test
    @Tag("T13")
    void groupsAreThoseThatAreMeantAndWhatTheyAreDeniedTheyAreDenied() throws Exception {
        var image = imageWithGroups();
        Requests.pull(scene.cri(), image);
        var cases = List.of(
                new Groups("1001 2000", _ -> {}),
                new Groups("1001", wanted -> wanted.setSupplementalGroupsPolicy(SupplementalGroupsPolicy.Strict)),
                new Groups("1001 2000 3000", wanted -> wanted.addSupplementalGroups(3000)),
                new Groups(
                        "1001 3000",
                        wanted -> wanted.addSupplementalGroups(3000)
                                .setSupplementalGroupsPolicy(SupplementalGroupsPolicy.Strict)),
                new Groups("1001 2000", wanted -> wanted.setRunAsUser(number(1000))),
                new Groups(
                        "2000 4000", wanted -> wanted.setRunAsUser(number(1000)).setRunAsGroup(number(4000))),
                new Groups("0", wanted -> wanted.setRunAsUser(number(5))),
                new Groups("0 2001", wanted -> wanted.setRunAsUsername("root")));
        withPods("groups", pod -> {
            for (var each : cases) {
                var container =
                        pod.start("c-" + cases.indexOf(each), image, config -> each.wanted.accept(security(config)));
                var groups = List.of(scene.ask(container, "id", "-G").split(" "));
                assertThat(String.join(" ", groups.stream().sorted().toList()))
                        .as("case %d", cases.indexOf(each))
                        .isEqualTo(each.expected);
                assertIsDenied(container, "not-for-app", groups.contains("1001"));
                assertIsDenied(container, "not-for-extra", groups.contains("2000"));
                Requests.remove(scene.cri(), container);
            }
        });
    }

    /** Root reads all the same. */
    private static void assertIsDenied(String container, String file, boolean isDenied) {
        var isRoot = scene.ask(container, "id", "-u").equals("0");
        var read = Requests.exec(scene.cri(), container, "cat", "/" + file);
        assertThat(read.getExitCode() != 0).as(file).isEqualTo(isDenied && !isRoot);
    }

    private static void refuseUser(String name, String user, LayerTar accounts) throws Exception {
        var image = scene.images().push(name, accounts, each -> each.as(user));
        Requests.pull(scene.cri(), image);
        var status = scene.imageStatus(image);
        assertThat(status.hasUid())
                .as("kubelet takes \"%s\" for a number", user)
                .isFalse();
        assertThat(status.getUsername()).isEqualTo(user);
        scene.withPod(scene.pod("user").build(), "crun", pod -> {
            var container = Requests.container("c", image, SecurityScene.IDLE);
            scene.refused(scene.state(), Code.INVALID_ARGUMENT, () -> pod.create(container), "user");
        });
    }

    @Test
    @Tag("T14")
    void aUserBeyondAllNumbersIsNotRoot() throws Exception {
        var users = List.of("4294967296", "4294967296:0", "2147483648", "99999999999999999999");
        for (var user : users) {
            refuseUser("number-" + users.indexOf(user), user, new LayerTar().file("hostile", 0644, user));
        }
    }

    @Test
    @Tag("T15")
    void aUserThatOnlyLooksLikeANumberIsNotRoot() throws Exception {
        var users = List.of("4294967296", "+0", "-0", "00", "\u0660", "\uFF10", "0x0", " 0");
        var accounts = new StringBuilder("root:x:0:0::/:/bin/sh\n");
        users.forEach(user -> accounts.append(user).append(":x:0:0::/:/bin/sh\n"));
        for (var user : users) {
            refuseUser(
                    "name-" + users.indexOf(user), user, new LayerTar().file("etc/passwd", 0644, accounts.toString()));
        }
    }

    @Test
    @Tag("T15")
    void whatTheImagesStatusSaysIsWhoRuns() throws Exception {
        for (var user : List.of("0", "33", "1000:0", "2147483647", "www-data", "www-data:33")) {
            var image = scene.images().push("user-" + user.replace(':', '-'), each -> each.as(user));
            Requests.pull(scene.cri(), image);
            var status = scene.imageStatus(image);
            scene.withPod(scene.pod("user").build(), "crun", pod -> {
                var container = pod.start("c", image);
                if (status.hasUid()) {
                    assertThat(scene.ask(container, "id", "-u"))
                            .isEqualTo(Long.toString(status.getUid().getValue()));
                } else {
                    assertThat(scene.ask(container, "id", "-un")).isEqualTo(status.getUsername());
                }
            });
        }
    }

    @Test
    @Tag("T16")
    void commandsRunAsTheContainersUser() throws Exception {
        withPods("uids", pod -> {
            for (var uid : List.of(0L, 1L, 1000L, 4294967294L)) {
                var container = pod.start("c" + uid, SecurityScene.BUSYBOX, as(uid));
                assertThat(scene.ask(container, "id", "-u")).isEqualTo(Long.toString(uid));
                assertThat(ofInitAndCommand(container, "Uid"))
                        .allMatch(line -> line.split("\\s+", 2)[0].equals(Long.toString(uid)));
            }
        });
    }

    @Test
    @Tag("T17")
    void filesOfAccountsThatAreNoneAreRefusedAtOnce() throws Exception {
        var up = scene.linksToVictim().getLast() + "/shadow";
        for (var name : List.of("passwd", "group")) {
            var path = "etc/" + name;
            refuseAccounts(name + "-fifo", new LayerTar().fifo(path, 0644));
            refuseAccounts(name + "-device", new LayerTar().characterDevice(path, 0666, 1, 5));
            refuseAccounts(name + "-directory", new LayerTar().directory(path, 0755));
            refuseAccounts(name + "-large", new LayerTar().file(path, 0644, new byte[(1 << 20) + 1]));
            refuseAccounts(name + "-loop", new LayerTar().symbolicLink(path, name));
        }
        var image = scene.images().push("passwd-link", new LayerTar().symbolicLink("etc/passwd", up));
        refuseUsers(image, List.of(container -> security(container).setRunAsUsername("secret")));
    }

    private static void refuseAccounts(String name, LayerTar accounts) throws Exception {
        refuseUsers(
                scene.images().push(name, accounts),
                List.of(as(12345), container -> security(container).setRunAsUsername("www-data")));
    }

    private static void refuseUsers(String image, List<Consumer<ContainerConfig.Builder>> users) throws Exception {
        Requests.pull(scene.cri(), image);
        scene.withPod(scene.pod("accounts").build(), "crun", pod -> {
            var state = scene.state();
            for (var user : users) {
                var container = Requests.container("c", image, SecurityScene.IDLE);
                user.accept(container);
                var begin = System.nanoTime();
                Refused.with(Code.INVALID_ARGUMENT, () -> pod.create(container));
                assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(2));
                state.assertUnchanged();
            }
        });
    }

    @Test
    @Tag("T18")
    void whatTellsOfTheHostIsHidden() throws Exception {
        withPods("masked", pod -> {
            var container = pod.start("c", SecurityScene.BUSYBOX);
            for (var file : List.of("kcore", "keys", "timer_list", "sched_debug", "interrupts", "latency_stats")) {
                assertShowsNothing(container, "/proc/" + file);
            }
            for (var tree : List.of("class/powercap", "devices/virtual/powercap", "firmware", "dev/block")) {
                assertShowsNothing(container, "/sys/" + tree);
            }
            assertThat(scene.ask(container, "sh", "-c", "cat /sys/devices/system/cpu/cpu*/thermal_throttle/* | wc -c"))
                    .isEqualTo("0");
        });
    }

    /** Absent on this kernel, an empty directory or an empty file. */
    private static void assertShowsNothing(String container, String path) {
        assertThat(scene.ask(
                        container,
                        "sh",
                        "-c",
                        "cat " + path + " 2>/dev/null | head -c 64; find " + path + "/ -mindepth 1"
                                + " 2>/dev/null | head -3; true"))
                .as(path)
                .isEmpty();
    }

    @Test
    @Tag("T18")
    void socketsThatLeadToTheHostAreRefused() throws Exception {
        assumeTrue(TestImages.architecture().equals("amd64"), "the probes are programs for x86-64");
        var socket = 41;
        var image = scene.images()
                .push(
                        "sockets",
                        new LayerTar()
                                .file("inet", 0755, SystemCallProgram.of(socket, 2, 1, 0))
                                .file("alg", 0755, SystemCallProgram.of(socket, 38, 5, 0))
                                .file("vsock", 0755, SystemCallProgram.of(socket, 40, 1, 0))
                                .file("alg-in-disguise", 0755, SystemCallProgram.of(socket, 1L << 32 | 38, 5, 0))
                                .file("vsock-in-disguise", 0755, SystemCallProgram.of(socket, 1L << 32 | 40, 1, 0)));
        Requests.pull(scene.cri(), image);
        var byDefault = SecurityProfile.newBuilder().setProfileType(ProfileType.RuntimeDefault);
        withPods("sockets", pod -> {
            for (var drop : List.of("CHOWN", "AUDIT_WRITE")) {
                var container = pod.start(
                        "without-" + drop,
                        image,
                        each -> security(each)
                                .setSeccomp(byDefault)
                                .getCapabilitiesBuilder()
                                .addDropCapabilities(drop));
                assertThat(exitCode(container, "/inet")).isZero();
                assertThat(exitCode(container, "/alg")).as("EPERM").isEqualTo(1);
                assertThat(exitCode(container, "/vsock")).as("EPERM").isEqualTo(1);
                assertThat(exitCode(container, "/alg-in-disguise")).as("ENOSYS").isEqualTo(38);
                assertThat(exitCode(container, "/vsock-in-disguise"))
                        .as("ENOSYS")
                        .isEqualTo(38);
            }
        });
    }

    private static int exitCode(String container, String... command) {
        return Requests.exec(scene.cri(), container, command).getExitCode();
    }

    @Test
    @Tag("T19")
    void devicesOfTheHostCannotBeOpened() throws Exception {
        var disk = Files.readAllLines(Path.of("/proc/partitions")).stream()
                .map(line -> line.strip().split("\\s+"))
                .filter(fields -> fields.length == 4 && fields[0].chars().allMatch(Character::isDigit))
                .findFirst()
                .orElseThrow(() -> new AssertionError("a host without any disk"));
        assertThat(Path.of("/dev/fuse")).as("what this host itself can open").isReadable();
        withPods("devices", pod -> {
            var container = pod.start("c", SecurityScene.BUSYBOX);
            assertCannotOpen(container, "b", disk[0], disk[1]);
            assertCannotOpen(container, "c", FUSE_MAJOR, FUSE_MINOR);
            scene.ask(container, "sh", "-c", ": </dev/zero");
        });
    }

    /** Though it can make a node for it. */
    private static void assertCannotOpen(String container, String type, String major, String minor) {
        scene.ask(container, "mknod", "/dev/of-the-host", type, major, minor);
        var opened = Requests.exec(scene.cri(), container, "sh", "-c", ": </dev/of-the-host");
        assertThat(opened.getExitCode()).isNotZero();
        assertThat(opened.getStderr().toStringUtf8()).contains("Operation not permitted");
        scene.ask(container, "rm", "/dev/of-the-host");
    }

    /** As kubelet does: the pod's group is made before the pod, with a limit, and named as its parent. */
    @Test
    @Tag("T20")
    void containersAndCommandsStayInThePodsGroupAndItsLimits() throws Exception {
        var group = scene.node().place().cgroupParent() + "/pod20";
        var limited = Files.createDirectories(memory().resolve(group.substring(1)));
        Files.writeString(limited.resolve("memory.limit_in_bytes"), "67108864");
        for (var handler : HANDLERS) {
            var pod = scene.pod("limited");
            pod.getLinuxBuilder().setCgroupParent(group);
            var id = Requests.run(scene.cri(), pod.build(), handler);
            var idle = Requests.container("idle", SecurityScene.BUSYBOX, SecurityScene.IDLE)
                    .build();
            var container = Requests.start(scene.cri(), id, pod.build(), idle);
            for (var process : List.of("1", "self")) {
                assertThat(scene.ask(container, "cat", "/proc/" + process + "/cgroup")
                                .lines())
                        .filteredOn(line ->
                                line.contains(":memory:") || line.contains(":pids:") || line.contains(":devices:"))
                        .hasSize(3)
                        .allMatch(line -> line.contains(":" + group + "/"));
            }
            var bomb =
                    Requests.exec(scene.cri(), container, "dd", "if=/dev/zero", "of=/dev/null", "bs=256M", "count=1");
            assertThat(bomb.getExitCode())
                    .as("a command beyond the pod's limit")
                    .isEqualTo(137);
            assertBombEnds(id, pod.build());
            Requests.removePod(scene.cri(), id);
        }
        Files.delete(limited);
    }

    private static void assertBombEnds(String id, PodSandboxConfig pod) {
        var bomb = Requests.container(
                        "bomb",
                        SecurityScene.BUSYBOX,
                        List.of("dd", "if=/dev/zero", "of=/dev/null", "bs=256M", "count=1"))
                .build();
        var container = Requests.start(scene.cri(), id, pod, bomb);
        Awaitility.await()
                .atMost(Requests.DEADLINE)
                .untilAsserted(
                        () -> assertThat(Requests.status(scene.cri(), container).getExitCode())
                                .isEqualTo(137));
    }

    private static Path memory() {
        var versionOne = Path.of("/sys/fs/cgroup/memory");
        assumeTrue(Files.isDirectory(versionOne), "the limits are written as control groups of version 1 have them");
        return versionOne;
    }

    /** Over one connection, as kubelet has it; many more of them, without processes, are in ContainerCreatorTest. */
    @Test
    @Tag("T21")
    void eachOfManyContainersHasItsOwnVariablesAlone() throws Exception {
        scene.withPod(scene.pod("variables").build(), "crun", pod -> {
            var containers = new ArrayList<>(Together.all(24, number -> create(pod, number)));
            for (var number = 24; number < 32; number++) {
                containers.add(create(pod, number));
            }
            for (var number = 0; number < containers.size(); number++) {
                var environment = scene.specification(containers.get(number))
                        .get("process")
                        .get("env")
                        .valueStream()
                        .map(each -> each.stringValue())
                        .filter(each -> each.contains("SECRET"));
                assertThat(environment).containsExactly("SECRET_" + number + "=" + number);
            }
        });
    }

    private static String create(SecurityScene.Pod pod, int number) {
        return pod.create(Requests.container("c" + number, SecurityScene.BUSYBOX, SecurityScene.IDLE)
                .addEnvs(KeyValue.newBuilder()
                        .setKey("SECRET_" + number)
                        .setValue(ByteString.copyFromUtf8(Integer.toString(number)))));
    }
}
