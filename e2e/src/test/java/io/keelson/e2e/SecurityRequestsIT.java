package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status.Code;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.KeyValue;
import io.keelson.proto.LinuxContainerSecurityContext;
import io.keelson.proto.NamespaceMode;
import io.keelson.proto.NamespaceOption;
import io.keelson.proto.PodSandboxConfig;
import io.keelson.proto.SecurityProfile;
import io.keelson.proto.SecurityProfile.ProfileType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Words of requests and of images that elsewhere became control of the host (docs/security-tests.md, "Requests"). */
class SecurityRequestsIT {
    private static final List<String> HANDLERS = List.of("crun", "runc");
    private static final String MARK = "of-the-image";

    @RegisterExtension
    static final SecurityScene scene = new SecurityScene();

    private record Wrong<T>(String word, Consumer<T> change) {}

    private static void refusePods(List<Wrong<PodSandboxConfig.Builder>> cases) throws Exception {
        var state = scene.state();
        for (var each : cases) {
            var pod = scene.pod("refused");
            each.change.accept(pod);
            scene.refused(state, Code.INVALID_ARGUMENT, () -> Requests.run(scene.cri(), pod.build()), each.word);
        }
    }

    private static void refuseContainers(List<Wrong<ContainerConfig.Builder>> cases) throws Exception {
        refuseContainers(Code.INVALID_ARGUMENT, cases);
    }

    private static void refuseContainers(Code code, List<Wrong<ContainerConfig.Builder>> cases) throws Exception {
        scene.withPod(scene.pod("refusing").build(), "crun", pod -> {
            var state = scene.state();
            for (var each : cases) {
                var container = Requests.container("c", SecurityScene.BUSYBOX, SecurityScene.IDLE);
                each.change.accept(container);
                scene.refused(state, code, () -> pod.create(container), each.word);
            }
        });
    }

    private static NamespaceOption.Builder namespaces(PodSandboxConfig.Builder pod) {
        return pod.getLinuxBuilder().getSecurityContextBuilder().getNamespaceOptionsBuilder();
    }

    private static LinuxContainerSecurityContext.Builder security(ContainerConfig.Builder container) {
        return container.getLinuxBuilder().getSecurityContextBuilder();
    }

    @Test
    @Tag("T01")
    void aKernelParameterIsOneAndItsValueIsAValue() throws Exception {
        var hidden = List.of(
                Map.entry("net.ipv4.ip_local_port_range", "1024 65000+kernel.core_pattern=|/x"),
                Map.entry("net.ipv4.ip_local_port_range", "1024 65000\nkernel.core_pattern=|/x"),
                Map.entry("net.ipv4.ip_local_port_range+kernel.core_pattern", "|/x"),
                Map.entry("net.ipv4.ip_forward=1+kernel.core_pattern", "|/x"),
                Map.entry("net.ipv4.ip_forward\nkernel.core_pattern", "|/x"),
                Map.entry("net.ipv4.ip_forward\0", "1"),
                Map.entry("net/../kernel/core_pattern", "|/x"));
        refusePods(hidden.stream()
                .map(each -> new Wrong<PodSandboxConfig.Builder>(
                        "sysctl", pod -> pod.getLinuxBuilder().putSysctls(each.getKey(), each.getValue())))
                .toList());
    }

    @Test
    @Tag("T02")
    void kernelParametersOfTheHostAreNotAPods() throws Exception {
        var network = new Wrong<PodSandboxConfig.Builder>("network", pod -> {
            pod.getLinuxBuilder().putSysctls("net.core.somaxconn", "77");
            namespaces(pod).setNetwork(NamespaceMode.NODE);
        });
        var ipc = Stream.of("kernel.shmmax", "fs.mqueue.msg_max")
                .map(name -> new Wrong<PodSandboxConfig.Builder>("IPC", pod -> {
                    pod.getLinuxBuilder().putSysctls(name, "77");
                    namespaces(pod).setIpc(NamespaceMode.NODE);
                }));
        var none = new Wrong<PodSandboxConfig.Builder>(
                "host's", pod -> pod.getLinuxBuilder().putSysctls("kernel.panic", "77"));
        refusePods(Stream.concat(Stream.of(network, none), ipc).toList());
    }

    @Test
    @Tag("T04")
    void noAnnotationSteersTheRuntime() throws Exception {
        var steering = Stream.of(
                        "org.systemd.property.ExecStopPost",
                        "run.oci.handler",
                        "run.oci.hooks.stdout",
                        "org.criu.config",
                        "bundle",
                        "module.wasm.image/variant")
                .collect(Collectors.toMap(key -> key, _ -> "'/bin/false'"));
        var image = scene.images()
                .push("annotations", each -> each.with("Labels", steering).with("Annotations", steering));
        Requests.pull(scene.cri(), image);
        for (var handler : HANDLERS) {
            scene.withPod(scene.pod("annotations").putAllAnnotations(steering).build(), handler, pod -> {
                var container = pod.start(
                        "c", image, each -> each.putAllAnnotations(steering).putAnnotations("app", "x"));
                var annotations = scene.specification(container).get("annotations");
                assertThat(annotations.get("app").stringValue()).isEqualTo("x");
                assertThat(annotations.propertyNames()).doesNotContainAnyElementsOf(steering.keySet());
                assertThat(Requests.status(scene.cri(), container).getAnnotationsMap())
                        .as("as they were asked for")
                        .containsAllEntriesOf(steering);
            });
        }
    }

    @Test
    @Tag("T05")
    void namesOfPodsLeadNowhere() throws Exception {
        var cases = Stream.of("../../../victim", "a/b", "a\0b", "x".repeat(300), "a\nb")
                .flatMap(text -> Stream.of(
                        new Wrong<PodSandboxConfig.Builder>(
                                "uid", pod -> pod.getMetadataBuilder().setUid(text)),
                        new Wrong<PodSandboxConfig.Builder>(
                                "name", pod -> pod.getMetadataBuilder().setName(text)),
                        new Wrong<PodSandboxConfig.Builder>(
                                "namespace", pod -> pod.getMetadataBuilder().setNamespace(text)),
                        new Wrong<PodSandboxConfig.Builder>("hostname", pod -> pod.setHostname(text)),
                        new Wrong<PodSandboxConfig.Builder>("log directory", pod -> pod.setLogDirectory(text))));
        refusePods(cases.toList());
    }

    @Test
    @Tag("T05")
    void logsOfContainersLeadNowhere() throws Exception {
        var up = "../".repeat(20) + scene.victim().toString().substring(1);
        refuseContainers(Stream.of("../../../victim", up, up + "/shadow", "a\0b", "x".repeat(300), "a\nb")
                .map(text -> new Wrong<ContainerConfig.Builder>("log", container -> container.setLogPath(text)))
                .toList());
        refuseContainers(Stream.of("../x", "a/b", "a\0b", "x".repeat(300), "a\nb")
                .map(text -> new Wrong<ContainerConfig.Builder>(
                        "name", container -> container.getMetadataBuilder().setName(text)))
                .toList());
    }

    private static KeyValue home(String value) {
        return KeyValue.newBuilder()
                .setKey("HOME")
                .setValue(ByteString.copyFromUtf8(value))
                .build();
    }

    @Test
    @Tag("T06")
    void nothingForgesALineOfAccounts() throws Exception {
        var forged = List.of("/root\nroot2::0:0::/:/bin/sh", "/root\r", "/root:0");
        refuseContainers(forged.stream()
                .flatMap(text -> Stream.of(
                        new Wrong<ContainerConfig.Builder>("HOME", container -> container.addEnvs(home(text))),
                        new Wrong<ContainerConfig.Builder>(
                                "working directory", container -> container.setWorkingDir(text)),
                        new Wrong<ContainerConfig.Builder>(
                                "user name",
                                container -> security(container)
                                        .setRunAsUsername("root" + text.substring("/root".length())))))
                .toList());
        var users = List.of("root\nroot2", "root\r", "root:root:0");
        for (var user : users) {
            var image = scene.images().push("forger-" + users.indexOf(user), each -> each.as(user));
            refuseImage(image, "user");
        }
        var image = scene.images()
                .push("forging-home", each -> each.with("Env", List.of("HOME=/root\nroot2::0:0::/:/bin/sh")));
        refuseImage(image, "HOME");
    }

    private static void refuseImage(String image, String word) throws Exception {
        Requests.pull(scene.cri(), image);
        scene.withPod(scene.pod("image").build(), "crun", pod -> {
            var container = Requests.container("c", image, SecurityScene.IDLE);
            scene.refused(scene.state(), Code.INVALID_ARGUMENT, () -> pod.create(container), word);
        });
    }

    @Test
    @Tag("T06")
    void aBackslashAndAnNAreNoLineFeedAndNoAccountIsAdded() throws Exception {
        for (var handler : HANDLERS) {
            scene.withPod(scene.pod("home").build(), handler, pod -> {
                var container = pod.start("c", SecurityScene.BUSYBOX, each -> each.addEnvs(home("/root\\nroot2")));
                assertThat(scene.ask(container, "printenv", "HOME")).isEqualTo("/root\\nroot2");
                assertThat(scene.ask(container, "wc", "-l", "/etc/passwd")).isEqualTo("3 /etc/passwd");
            });
        }
    }

    @Test
    @Tag("T07")
    void labelsOfAnImageAreNoWordsOfOurs() throws Exception {
        var labels = new LinkedHashMap<String, String>();
        for (var key : List.of(
                "io.kubernetes.pod.uid",
                "io.kubernetes.container.logpath",
                "io.kubernetes.cri.container-type",
                "io.cri-o.LogPath",
                "io.keelson.log",
                "io.containers.trace-syscall",
                "containerd.io/restart.loguri")) {
            labels.put(key, MARK);
        }
        var image = scene.images().push("labels", each -> each.with("Labels", labels));
        Requests.pull(scene.cri(), image);
        scene.withPod(scene.pod("labels").build(), "crun", pod -> {
            var container = pod.start("c", image);
            var status = Requests.inspect(scene.cri(), container);
            assertThat(status.getStatus().toString()).doesNotContain(MARK);
            assertThat(scene.specification(container).toString()).doesNotContain(MARK);
            assertThat(record(container)).doesNotContain(MARK);
        });
    }

    private static String record(String container) throws IOException {
        return Files.readString(scene.node()
                .place()
                .root()
                .resolve("containers")
                .resolve(container)
                .resolve("record.json"));
    }

    @Test
    @Tag("T08")
    void aProfileThatCannotBeHadIsNeverNone() throws Exception {
        var profile = "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}";
        var real = Files.writeString(scene.directory().resolve("profile.json"), profile);
        var bad = Files.writeString(scene.directory().resolve("bad.json"), profile.substring(1));
        var link = Files.createSymbolicLink(scene.directory().resolve("link.json"), real);
        var references =
                List.of("", "profile.json", scene.directory() + "/none.json", bad.toString(), link.toString(), "/etc");
        var seccomp = references.stream()
                .map(reference -> new Wrong<ContainerConfig.Builder>(
                        "seccomp", container -> security(container).setSeccomp(localhost(reference))));
        refuseContainers(seccomp.toList());
        refuseContainers(List.of(apparmor("")));
        refuseContainers(
                Code.FAILED_PRECONDITION, List.of(apparmor("not-loaded"), apparmor(link.toString()), apparmor("/etc")));
        refuseContainers(List.of(new Wrong<>("seccomp", SecurityRequestsIT::namesNoProfileInTheOlderWay)));
    }

    private static Wrong<ContainerConfig.Builder> apparmor(String reference) {
        return new Wrong<>("AppArmor", container -> security(container).setApparmor(localhost(reference)));
    }

    @SuppressWarnings("deprecation") // the field is what is tested
    private static void namesNoProfileInTheOlderWay(ContainerConfig.Builder container) {
        security(container).setSeccompProfilePath("localhost/");
    }

    private static SecurityProfile localhost(String reference) {
        return SecurityProfile.newBuilder()
                .setProfileType(ProfileType.Localhost)
                .setLocalhostRef(reference)
                .build();
    }

    @Test
    @Tag("T10")
    void thePodsFilesFillNobodysMemory() throws Exception {
        for (var handler : HANDLERS) {
            scene.withPod(scene.pod("files").build(), handler, pod -> {
                var container = pod.start("c", SecurityScene.BUSYBOX);
                var before = bytesBelow(scene.node().place().state());
                for (var file : List.of("/etc/resolv.conf", "/etc/hosts", "/etc/hostname")) {
                    var written = Requests.exec(
                            scene.cri(), container, "dd", "if=/dev/zero", "of=" + file, "bs=1M", "count=1024");
                    assertThat(written.getExitCode()).isNotZero();
                    assertThat(written.getStderr().toStringUtf8()).contains("Read-only file system");
                }
                assertThat(bytesBelow(scene.node().place().state()) - before).isLessThan(1 << 20);
            });
        }
    }

    private static long bytesBelow(Path tree) throws IOException {
        try (var walk = Files.walk(tree)) {
            return walk.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    @Test
    @Tag("T10")
    void whatIsInMemoryInAContainerHasALimit() throws Exception {
        scene.withPod(scene.pod("memory").build(), "crun", pod -> {
            var container = pod.start("c", SecurityScene.BUSYBOX);
            for (var place : List.of("/dev", "/dev/shm")) {
                var blocks = scene.ask(container, "sh", "-c", "df -k " + place + " | tail -1 | awk '{print $2}'");
                assertThat(Long.parseLong(blocks)).as(place).isLessThanOrEqualTo(65536);
            }
        });
    }
}
