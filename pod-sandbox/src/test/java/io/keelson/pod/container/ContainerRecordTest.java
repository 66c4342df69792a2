package io.keelson.pod.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.json.Json;
import io.keelson.host.process.ProcessIdentity;
import io.keelson.image.reference.Digest;
import io.keelson.image.rootfs.ResolvedUser;
import io.keelson.oci.spec.LinuxResources;
import io.keelson.pod.PodId;
import io.keelson.pod.SecurityProfile;
import io.keelson.pod.SelinuxLabel;
import io.keelson.pod.container.Container.ContainerImage;
import io.keelson.pod.container.ContainerConfig.EnvironmentVariable;
import io.keelson.pod.container.ContainerMount.Propagation;
import io.keelson.pod.container.ContainerState.Created;
import io.keelson.pod.container.ContainerState.Exited;
import io.keelson.pod.container.ContainerState.Lost;
import io.keelson.pod.container.ContainerState.Running;
import io.keelson.pod.namespace.NamespaceMode;
import io.keelson.pod.namespace.NamespaceOptions;
import io.keelson.pod.namespace.UserNamespace;
import io.keelson.pod.namespace.UserNamespace.IdMapping;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Records are read as they were written: every field has a value here that no other has, and that is no default. */
class ContainerRecordTest {
    private static final ContainerId ID = new ContainerId("cd".repeat(32));
    private static final Instant THEN = Instant.ofEpochSecond(5, 123_456_789);
    private static final LinuxResources RESOURCES =
            new LinuxResources(1, 2, 3, 4, 5, "0-6", "7", Map.of("2MB", 8L), Map.of("memory.high", "9"), 10);

    private static ImageSpec image(String prefix) {
        return new ImageSpec(
                prefix + "image",
                Map.of(prefix + "key", "value"),
                prefix + "asked",
                prefix + "handler",
                prefix + "ref");
    }

    private static final ContainerConfig FULL = new ContainerConfig(
            "name",
            3,
            image("a"),
            List.of("command", ""),
            List.of("arg", "\uD83D\uDE00\u0001\"\\"),
            "/work",
            List.of(new EnvironmentVariable("A", "1"), new EnvironmentVariable("A", "2")),
            List.of(
                    new ContainerMount(
                            "/in",
                            "/out",
                            true,
                            true,
                            Propagation.BIDIRECTIONAL,
                            true,
                            List.of(new IdMapping(1, 2, 3)),
                            List.of(new IdMapping(4, 5, 6)),
                            Optional.of(image("b")),
                            "sub/path",
                            List.of("noexec")),
                    ContainerMount.bind("/x", "/y", false)),
            List.of(new ContainerDevice("/dev/in", "/dev/out", "rm")),
            List.of("vendor/class=1"),
            Map.of("label", "l"),
            Map.of("annotation", "a"),
            "log/0.log",
            true,
            false,
            true,
            RESOURCES,
            new ContainerSecurity(
                    List.of("ADD"),
                    List.of("DROP"),
                    List.of("AMBIENT"),
                    true,
                    new NamespaceOptions(
                            NamespaceMode.NODE,
                            NamespaceMode.TARGET,
                            NamespaceMode.CONTAINER,
                            "target",
                            Optional.of(
                                    new UserNamespace(NamespaceMode.POD, List.of(new IdMapping(7, 8, 9)), List.of()))),
                    Optional.of(new SelinuxLabel("u", "r", "t", "l")),
                    OptionalLong.of(4_294_967_294L),
                    OptionalLong.of(0),
                    "username",
                    true,
                    List.of(11L, 12L),
                    false,
                    true,
                    List.of("/masked"),
                    List.of("/readonly"),
                    Optional.of(new SecurityProfile(SecurityProfile.Kind.LOCALHOST, "/p.json")),
                    Optional.of(new SecurityProfile(SecurityProfile.Kind.RUNTIME_DEFAULT, ""))),
            "SIGUSR1");

    private static ContainerConfig reread(ContainerConfig config) {
        return ContainerConfigJson.read(
                Json.parseObject(ContainerConfigJson.write(config).toBytes()));
    }

    @Test
    void aConfigurationIsReadAsItWasWritten() {
        assertThat(reread(FULL)).isEqualTo(FULL);
    }

    @Test
    void flagsAreNotMixedUp() {
        for (var flag = 0; flag < 3; flag++) {
            var builder = new ConfigBuilder();
            builder.stdin = flag == 0;
            builder.stdinOnce = flag == 1;
            builder.tty = flag == 2;
            assertThat(reread(builder.build())).isEqualTo(builder.build());
        }
        for (var flag = 0; flag < 3; flag++) {
            var builder = new ConfigBuilder();
            builder.privileged = flag == 0;
            builder.readonlyRootfs = flag == 1;
            builder.noNewPrivileges = flag == 2;
            assertThat(reread(builder.build())).isEqualTo(builder.build());
        }
    }

    @Test
    void aRecordIsReadAsItWasWritten() {
        var record = new ContainerRecord(
                ID,
                new PodId("ab".repeat(32)),
                FULL,
                new ContainerImage("sha256:1", "busybox:1", "busybox@sha256:2"),
                List.of(Digest.parse("sha256:" + "12".repeat(32)), Digest.parse("sha512:" + "34".repeat(64))),
                THEN,
                new ResolvedUser(1, 2, List.of(2L, 4_294_967_294L), "name", "/home"),
                Optional.of(Path.of("/var/log/x.log")),
                "SIGTERM",
                "/pods/p/c",
                "crun",
                List.of(new MountedImage(
                        0, "sha256:3", "app@sha256:4", List.of(Digest.parse("sha256:" + "56".repeat(32))))));

        assertThat(ContainerRecord.fromJson(Json.parseObject(record.toJson().toBytes())))
                .isEqualTo(record);
    }

    static Stream<ContainerState> states() {
        return Stream.of(
                new Created(),
                new Running(THEN),
                new Exited(Optional.empty(), THEN, 128, "StartError", "why\nnot"),
                new Exited(Optional.of(THEN), THEN.plusNanos(1), 0, "Completed", ""),
                new Lost(Optional.of(THEN), "nobody knows"),
                new Lost(Optional.empty(), ""));
    }

    @ParameterizedTest
    @MethodSource("states")
    void aStatusIsReadAsItWasWritten(ContainerState state) {
        var status =
                new ContainerStatus(state, "boot", new ProcessIdentity(1, 2), new ProcessIdentity(3, 4), RESOURCES);

        assertThat(ContainerStatus.fromJson(Json.parseObject(status.toJson().toBytes())))
                .isEqualTo(status);
    }
}
