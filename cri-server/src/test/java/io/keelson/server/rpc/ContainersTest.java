package io.keelson.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.keelson.image.rootfs.ResolvedUser;
import io.keelson.pod.PodId;
import io.keelson.pod.StartTimeline;
import io.keelson.pod.container.Container;
import io.keelson.pod.container.ContainerConfig.EnvironmentVariable;
import io.keelson.pod.container.ContainerId;
import io.keelson.pod.container.ContainerState;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.ContainerMetadata;
import io.keelson.proto.ExecSyncRequest;
import io.keelson.proto.ImageSpec;
import io.keelson.proto.KeyValue;
import io.keelson.proto.LinuxContainerConfig;
import io.keelson.proto.LinuxContainerResources;
import io.keelson.proto.Mount;
import io.keelson.proto.MountPropagation;
import io.keelson.proto.Signal;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ContainersTest {
    @Test
    void refusesAContainerWithoutNameOrImage() {
        assertThatThrownBy(() -> Containers.config(ContainerConfig.getDefaultInstance()))
                .hasMessageContaining("config.metadata.name is empty");
        assertThatThrownBy(() -> Containers.config(config().clearImage().build()))
                .hasMessage("config.image.image is empty");
    }

    @Test
    void takesTheEnvironmentAsText() {
        var value = KeyValue.newBuilder().setKey("K");

        assertThat(Containers.config(config().addEnvs(value.setValue(ByteString.copyFromUtf8("ä\n")))
                                .build())
                        .env())
                .containsExactly(new EnvironmentVariable("K", "ä\n"));
        assertThatThrownBy(() -> Containers.config(
                        config().addEnvs(value.setValue(ByteString.copyFrom(new byte[] {(byte) 0xff})))
                                .build()))
                .hasMessage("the value of environment variable K is not UTF-8");
    }

    @Test
    void givesBackExactlyTheMountsThatWereAskedFor() {
        var mount = Mount.newBuilder()
                .setContainerPath("/c")
                .setHostPath("/h")
                .setReadonly(true)
                .setSelinuxRelabel(true)
                .setPropagation(MountPropagation.PROPAGATION_HOST_TO_CONTAINER)
                .build();

        var status = Containers.status(container(config().addMounts(mount).build(), new ContainerState.Created()));

        assertThat(status.getMountsList()).containsExactly(mount);
    }

    @Test
    void givesBackTheResourcesThatAreInForce() {
        var resources = LinuxContainerResources.newBuilder()
                .setCpuShares(512)
                .setMemoryLimitInBytes(64 << 20)
                .setCpusetCpus("0-1")
                .putUnified("memory.high", "1")
                .build();

        var status = Containers.status(container(
                config().setLinux(LinuxContainerConfig.newBuilder().setResources(resources))
                        .build(),
                new ContainerState.Created()));

        assertThat(status.getResources().getLinux()).isEqualTo(resources);
    }

    @Test
    void tellsHowAContainerEnded() {
        var exited = new ContainerState.Exited(
                Optional.of(Instant.ofEpochSecond(1)), Instant.ofEpochSecond(2), 137, "OOMKilled", "m");

        var status = Containers.status(container(config().build(), exited));

        assertThat(status.getState()).isEqualTo(io.keelson.proto.ContainerState.CONTAINER_EXITED);
        assertThat(status.getStartedAt()).isEqualTo(1_000_000_000L);
        assertThat(status.getFinishedAt()).isEqualTo(2_000_000_000L);
        assertThat(status.getExitCode()).isEqualTo(137);
        assertThat(status.getReason()).isEqualTo("OOMKilled");
        assertThat(status.getMessage()).isEqualTo("m");
    }

    @Test
    void hasNoTimesYetForAContainerThatWasOnlyCreated() {
        var status = Containers.status(container(config().build(), new ContainerState.Created()));

        assertThat(status.getCreatedAt()).isPositive();
        assertThat(status.getStartedAt()).isZero();
        assertThat(status.getFinishedAt()).isZero();
    }

    @Test
    void saysUnknownOfWhatWasLost() {
        var status =
                Containers.status(container(config().build(), new ContainerState.Lost(Optional.empty(), "reboot")));

        assertThat(status.getState()).isEqualTo(io.keelson.proto.ContainerState.CONTAINER_UNKNOWN);
        assertThat(status.getMessage()).isEqualTo("reboot");
    }

    @Test
    void namesTheImageInItsThreeWays() {
        var container = container(config().build(), new ContainerState.Created());

        assertThat(Containers.status(container).getImage().getImage()).isEqualTo("docker.io/library/busybox:1");
        assertThat(Containers.status(container).getImageId()).isEqualTo("sha256:1");
        assertThat(Containers.status(container).getImageRef()).isEqualTo("docker.io/library/busybox@sha256:2");
        var listed = Containers.list(List.of(container)).getContainers(0);
        assertThat(listed.getImage().getImage()).isEqualTo("busybox");
        assertThat(listed.getImageId()).isEqualTo("sha256:1");
    }

    @Test
    void knowsEverySignalByItsName() {
        for (var signal : Signal.values()) {
            if (signal != Signal.UNRECOGNIZED && signal != Signal.SIGNAL_RUNTIME_DEFAULT) {
                assertThat(Signals.of(Signals.name(signal))).isEqualTo(signal);
            }
        }
        assertThat(Signals.name(Signal.SIGNAL_SIGRTMINPLUS3)).isEqualTo("SIGRTMIN+3");
        assertThat(Signals.name(Signal.SIGNAL_SIGRTMAXMINUS1)).isEqualTo("SIGRTMAX-1");
        assertThat(Signals.name(Signal.SIGNAL_RUNTIME_DEFAULT)).isEmpty();
        assertThat(Signals.of("SIGNONE")).isEqualTo(Signal.SIGNAL_RUNTIME_DEFAULT);
    }

    @Test
    void takesNoTimeForNoLimit() {
        var request = ExecSyncRequest.newBuilder();

        assertThat(Containers.timeout(request.build())).isEmpty();
        assertThat(Containers.timeout(request.setTimeout(2).build()).orElseThrow())
                .hasSeconds(2);
        assertThatThrownBy(() -> Containers.timeout(request.setTimeout(-1).build()))
                .hasMessageContaining("less than none");
        assertThatThrownBy(() -> Containers.command(request.build())).hasMessageContaining("no command");
    }

    private static ContainerConfig.Builder config() {
        return ContainerConfig.newBuilder()
                .setMetadata(ContainerMetadata.newBuilder().setName("web"))
                .setImage(ImageSpec.newBuilder().setImage("busybox"));
    }

    private static Container container(ContainerConfig wire, ContainerState state) {
        var config = Containers.config(wire);
        return new Container(
                new ContainerId("cd".repeat(32)),
                new PodId("ab".repeat(32)),
                config,
                new Container.ContainerImage(
                        "sha256:1", "docker.io/library/busybox:1", "docker.io/library/busybox@sha256:2"),
                state,
                Instant.ofEpochSecond(1),
                new ResolvedUser(0, 0, List.of(0L), "root", "/root"),
                Optional.of(Path.of("/var/log/pods/x/web.log")),
                config.resources(),
                "SIGTERM",
                "keelson/ab/cd",
                StartTimeline.NONE);
    }
}
