package io.keelson.oci.cdi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Inodes;
import io.keelson.oci.spec.Hook;
import io.keelson.oci.spec.HookStage;
import io.keelson.oci.spec.ProcessUser;
import io.keelson.oci.spec.SpecDevice;
import io.keelson.oci.spec.SpecMount;
import io.keelson.oci.spec.SpecRequest;
import io.keelson.oci.spec.SpecRequests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CdiDevicesTest {
    private static final ProcessUser ROOT = new ProcessUser(0, 0, List.of());

    @TempDir
    Path directory;

    private Path first;
    private Path second;
    private CdiDevices devices;

    @BeforeEach
    void makeDirectories() throws IOException {
        first = Files.createDirectory(directory.resolve("first"));
        second = Files.createDirectory(directory.resolve("second"));
        devices = new CdiDevices(List.of(first, second, directory.resolve("absent")));
    }

    private SpecRequest give(ProcessUser user, String... names) {
        return devices.addTo(SpecRequests.plain(user), List.of(names));
    }

    /** A device whose edits are these. */
    private static Path write(Path in, String name, String device, String edits) throws IOException {
        return Files.writeString(in.resolve(name), """
                {"cdiVersion": "1.0.0", "kind": "v.com/gpu",
                 "devices": [{"name": "%s", "containerEdits": %s}]}
                """.formatted(device, edits));
    }

    private void refused(Failure.Kind kind, String why, String... names) {
        assertThatThrownBy(() -> give(ROOT, names))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(kind))
                .hasMessageContaining(why)
                .message()
                .doesNotContainPattern("\\p{Cntrl}");
    }

    @Test
    void whoAsksForNothingGetsNothingAndReadsNothing() throws IOException {
        Files.writeString(first.resolve("bad.json"), "{");

        assertThat(give(ROOT)).isEqualTo(SpecRequests.plain(ROOT));
    }

    @Test
    void everyEditOfADeviceAndOfItsFileArrives() throws IOException {
        Files.writeString(first.resolve("v.yaml"), """
                cdiVersion: "1.0.0"
                kind: v.com/gpu
                annotations: {a: b}
                containerEdits:
                  env: ["PATH=/v/bin", "COMMON=1"]
                  additionalGids: [44, 0]
                  hooks:
                  - {hookName: poststop, path: /bin/once, args: [once], env: [C=d], timeout: 5}
                devices:
                - name: "0"
                  annotations: {c: d}
                  containerEdits:
                    env: ["ZERO=a=b"]
                    deviceNodes:
                    - {path: /dev/gpu0, hostPath: /dev/null}
                    - {path: /dev/gpuctl, type: c, major: 1, minor: 7, fileMode: 416, uid: 5, gid: 6, permissions: rw}
                    mounts:
                    - {hostPath: /usr/lib, containerPath: /v/lib, options: [ro, nosuid]}
                    - {hostPath: tmpfs, containerPath: /v/tmp, type: tmpfs}
                    hooks:
                    - {hookName: createContainer, path: /bin/hook, args: [hook, x], env: [A=b], timeout: 4}
                    additionalGids: [45]
                - name: "1"
                  containerEdits: {env: ["ONE=1"]}
                """);

        var given = give(ROOT, "v.com/gpu=0", "v.com/gpu=1");

        assertThat(given.process().environment())
                .containsExactlyInAnyOrder("PATH=/v/bin", "COMMON=1", "ZERO=a=b", "ONE=1");
        assertThat(given.process().user().additionalGids()).containsExactly(44L, 45L);
        var host = Inodes.lstat(Path.of("/dev/null")).orElseThrow();
        assertThat(given.devices())
                .containsExactly(
                        new SpecDevice("/dev/gpu0", "c", 1, 3, host.mode() & 07777, host.uid(), host.gid(), "rwm"),
                        new SpecDevice("/dev/gpuctl", "c", 1, 7, 0640, 5, 6, "rw"));
        assertThat(given.mounts())
                .containsExactly(
                        new SpecMount("/v/lib", "bind", "/usr/lib", List.of("ro", "nosuid", "rbind")),
                        new SpecMount("/v/tmp", "tmpfs", "tmpfs", List.of()));
        assertThat(given.hooks().byStage())
                .isEqualTo(Map.of(
                        HookStage.CREATE_CONTAINER,
                        List.of(new Hook("/bin/hook", List.of("hook", "x"), List.of("A=b"), Optional.of(4L))),
                        HookStage.POSTSTOP,
                        List.of(new Hook("/bin/once", List.of("once"), List.of("C=d"), Optional.of(5L)))));
    }

    @Test
    void aNodeWithoutAnOwnerBelongsToTheContainersUser() throws IOException {
        var mode = Inodes.lstat(Path.of("/dev/null")).orElseThrow().mode() & 07777;
        write(first, "a.json", "0", "{\"deviceNodes\": [{\"path\": \"/dev/null\"}]}");

        assertThat(give(new ProcessUser(7, 8, List.of()), "v.com/gpu=0").devices())
                .containsExactly(new SpecDevice("/dev/null", "c", 1, 3, mode, 7, 8, "rwm"));
    }

    @Test
    void aLaterDirectoryBeatsAnEarlierOne() throws IOException {
        write(first, "a.json", "0", "{\"env\": [\"FROM=first\"]}");
        assertThat(give(ROOT, "v.com/gpu=0").process().environment()).contains("FROM=first");
        write(second, "a.json", "0", "{\"env\": [\"FROM=second\"]}");
        assertThat(give(ROOT, "v.com/gpu=0").process().environment()).contains("FROM=second");
    }

    @Test
    void ofTwoInOneDirectoryNeitherCounts() throws IOException {
        var one = write(first, "a.json", "0", "{}");
        var other = write(first, "b.json", "0", "{}");

        refused(Failure.Kind.WRONG_STATE, one + ", " + other, "v.com/gpu=0");
        write(second, "c.json", "0", "{}");
        assertThat(give(ROOT, "v.com/gpu=0")).isEqualTo(SpecRequests.plain(ROOT));
    }

    @Test
    void aDeviceThatIsNotThereIsNamedWithTheFilesThatCannotBeRead() throws IOException {
        var bad = Files.writeString(first.resolve("bad.json"), "{\"cdiVersion\": \"9.0.0\"}");
        write(first, "good.json", "0", "{}");

        refused(Failure.Kind.WRONG_STATE, "v.com/gpu=1", "v.com/gpu=0", "v.com/gpu=1");
        refused(Failure.Kind.WRONG_STATE, bad + ": cdiVersion \"9.0.0\"", "v.com/gpu=1");
        assertThat(give(ROOT, "v.com/gpu=0")).as("others are not in the way").isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "gpu0",
                "v.com/gpu",
                "v.com/gpu=",
                "gpu=0",
                "/gpu=0",
                "v.com/=0",
                "v.com/gpu=../0",
                "v.com/gpu=0\n",
                "-v/gpu=0",
                "v.com/gpu=0-"
            })
    void aNameThatIsNoneIsInvalid(String name) {
        refused(Failure.Kind.INVALID, "CDI device's name", name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"kind\": \"v.com/gpu\", \"devices\": [{\"name\": \"0\"}]}",
                "{\"cdiVersion\": \"1.0.0\", \"devices\": [{\"name\": \"0\"}]}",
                "{\"cdiVersion\": \"1.0.0\", \"kind\": \"gpu\", \"devices\": [{\"name\": \"0\"}]}",
                "{\"cdiVersion\": \"1.0.0\", \"kind\": \"v.com/gpu\", \"devices\": []}",
                "{\"cdiVersion\": \"1.0.0\", \"kind\": \"v.com/gpu\", \"devices\": [{\"name\": \"0\"}, {\"name\": \"0\"}]}",
                "{\"cdiVersion\": \"1.0.0\", \"kind\": \"v.com/gpu\", \"devices\": [{\"name\": \"a/b\"}]}",
                "{\"cdiVersion\": \"1.0.0\", \"kind\": \"v.com/gpu\", \"more\": 1, \"devices\": [{\"name\": \"0\"}]}",
                "{\"cdiVersion\": \"1.0.0\", \"kind\": \"v.com/gpu\", \"devices\": [{\"name\": \"0\", \"more\": 1}]}"
            })
    void aFileThatIsNotUnderstoodHasNoDevices(String content) throws IOException {
        var file = Files.writeString(first.resolve("a.json"), content);

        refused(Failure.Kind.WRONG_STATE, file + ": ", "v.com/gpu=0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"surprise\": 1}",
                "{\"env\": [\"novalue\"]}",
                "{\"env\": [\"=x\"]}",
                "{\"deviceNodes\": [{\"hostPath\": \"/dev/null\"}]}",
                "{\"deviceNodes\": [{\"path\": \"dev/null\"}]}",
                "{\"deviceNodes\": [{\"path\": \"/dev/../x\"}]}",
                "{\"deviceNodes\": [{\"path\": \"/dev/x\", \"type\": \"z\"}]}",
                "{\"deviceNodes\": [{\"path\": \"/dev/x\", \"permissions\": \"rx\"}]}",
                "{\"deviceNodes\": [{\"path\": \"/dev/x\", \"fileMode\": 4096}]}",
                "{\"deviceNodes\": [{\"path\": \"/dev/x\", \"uid\": -1}]}",
                "{\"deviceNodes\": [{\"path\": \"/dev/x\", \"gid\": 4294967295}]}",
                "{\"mounts\": [{\"hostPath\": \"x\", \"containerPath\": \"/y\"}]}",
                "{\"mounts\": [{\"hostPath\": \"/x\", \"containerPath\": \"/a/../../y\"}]}",
                "{\"mounts\": [{\"hostPath\": \"/x\"}]}",
                "{\"mounts\": [{\"hostPath\": \"/x\", \"containerPath\": \"/y\", \"more\": 1}]}",
                "{\"hooks\": [{\"hookName\": \"never\", \"path\": \"/x\"}]}",
                "{\"hooks\": [{\"hookName\": \"poststop\", \"path\": \"x\"}]}",
                "{\"hooks\": [{\"hookName\": \"poststop\", \"path\": \"/x\", \"more\": 1}]}",
                "{\"additionalGids\": [4294967295]}"
            })
    void editsThatAreNotUnderstoodMakeTheFileOneWithoutDevices(String edits) throws IOException {
        var file = write(first, "a.json", "0", edits);

        refused(Failure.Kind.WRONG_STATE, file + ": ", "v.com/gpu=0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"deviceNodes\": [{\"path\": \"/dev/absent\"}]}",
                "{\"deviceNodes\": [{\"path\": \"/dev/x\", \"hostPath\": \"/etc/passwd\"}]}",
                "{\"deviceNodes\": [{\"path\": \"/dev/null\", \"type\": \"b\"}]}",
                "{\"intelRdt\": {\"closID\": \"x\"}}",
                "{\"netDevices\": [{\"hostInterfaceName\": \"eth9\", \"name\": \"eth9\"}]}"
            })
    void whatTheHostCannotGiveIsRefusedWithTheFilesName(String edits) throws IOException {
        var file = write(first, "a.json", "0", edits);

        refused(Failure.Kind.WRONG_STATE, "v.com/gpu=0 of " + file, "v.com/gpu=0");
    }

    @Test
    void namesAndAnnotationsTogetherAskForEachDeviceOnce() {
        assertThat(CdiDevices.asked(
                        List.of("v.com/gpu=1", "v.com/gpu=0"),
                        Map.of(
                                "cdi.k8s.io/plugin_x",
                                "v.com/gpu=0,v.com/nic=2",
                                "cdi.k8s.io",
                                "v.com/gpu=9",
                                "a",
                                "b")))
                .containsExactly("v.com/gpu=1", "v.com/gpu=0", "v.com/nic=2");
    }
}
