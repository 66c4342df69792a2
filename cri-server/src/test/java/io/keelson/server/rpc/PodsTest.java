package io.keelson.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.pod.Pod;
import io.keelson.pod.PodId;
import io.keelson.pod.PodSpec;
import io.keelson.pod.PodState;
import io.keelson.pod.SecurityProfile;
import io.keelson.pod.SecurityProfile.Kind;
import io.keelson.pod.StartTimeline;
import io.keelson.pod.namespace.NamespaceMode;
import io.keelson.pod.network.PodAddresses;
import io.keelson.pod.network.PortMapping;
import io.keelson.pod.network.Protocol;
import io.keelson.proto.DNSConfig;
import io.keelson.proto.Int64Value;
import io.keelson.proto.LinuxPodSandboxConfig;
import io.keelson.proto.LinuxSandboxSecurityContext;
import io.keelson.proto.NamespaceOption;
import io.keelson.proto.PodSandboxConfig;
import io.keelson.proto.PodSandboxMetadata;
import io.keelson.proto.PodSandboxState;
import io.keelson.proto.RunPodSandboxRequest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PodsTest {
    @Test
    void sharesThePidNamespaceWhereNothingIsSaid() {
        var namespaces = spec(config()).security().namespaces();

        assertThat(namespaces.pid()).isEqualTo(NamespaceMode.POD);
        assertThat(namespaces.network()).isEqualTo(NamespaceMode.POD);
        assertThat(namespaces.user()).isEmpty();
    }

    @Test
    void takesWhatWasAskedFor() {
        var spec = spec(config().setHostname("h")
                .setDnsConfig(DNSConfig.newBuilder().addServers("10.0.0.10"))
                .addPortMappings(io.keelson.proto.PortMapping.newBuilder()
                        .setProtocol(io.keelson.proto.Protocol.UDP)
                        .setContainerPort(53)
                        .setHostPort(5353)
                        .setHostIp("127.0.0.1"))
                .putAnnotations("a", "b")
                .setLinux(LinuxPodSandboxConfig.newBuilder()
                        .setCgroupParent("/kubepods/x")
                        .putSysctls("net.ipv4.ip_forward", "1")
                        .setSecurityContext(LinuxSandboxSecurityContext.newBuilder()
                                .setRunAsGroup(Int64Value.newBuilder().setValue(0))
                                .setNamespaceOptions(NamespaceOption.newBuilder()
                                        .setNetwork(io.keelson.proto.NamespaceMode.NODE)))));

        assertThat(spec.metadata().toString()).isEqualTo("shop/web (uid u-1, attempt 2)");
        assertThat(spec.hostname()).isEqualTo("h");
        assertThat(spec.dns().orElseThrow().servers()).containsExactly("10.0.0.10");
        assertThat(spec.ports()).containsExactly(new PortMapping(Protocol.UDP, 53, 5353, "127.0.0.1"));
        assertThat(spec.annotations()).isEqualTo(Map.of("a", "b"));
        assertThat(spec.cgroupParent()).isEqualTo("/kubepods/x");
        assertThat(spec.sysctls()).isEqualTo(Map.of("net.ipv4.ip_forward", "1"));
        assertThat(spec.security().namespaces().network()).isEqualTo(NamespaceMode.NODE);
        assertThat(spec.security().runAsGroup()).hasValue(0);
        assertThat(spec.security().runAsUser()).isEmpty();
    }

    @Test
    void tellsAbsentSeccompFromTheRuntimesDefault() {
        assertThat(seccomp(LinuxSandboxSecurityContext.newBuilder())).isEmpty();
        assertThat(seccomp(LinuxSandboxSecurityContext.newBuilder()
                        .setSeccomp(io.keelson.proto.SecurityProfile.getDefaultInstance())))
                .contains(new SecurityProfile(Kind.RUNTIME_DEFAULT, ""));
    }

    @Test
    @SuppressWarnings("deprecation") // older clients send it
    void readsProfilesInTheOlderWay() {
        assertThat(seccomp(LinuxSandboxSecurityContext.newBuilder().setSeccompProfilePath("unconfined")))
                .contains(new SecurityProfile(Kind.UNCONFINED, ""));
        assertThat(seccomp(LinuxSandboxSecurityContext.newBuilder().setSeccompProfilePath("localhost//p.json")))
                .contains(new SecurityProfile(Kind.LOCALHOST, "/p.json"));
        assertThatThrownBy(
                        () -> seccomp(LinuxSandboxSecurityContext.newBuilder().setSeccompProfilePath("strict")))
                .hasMessageContaining("\"strict\" is not a security profile");
    }

    @Test
    void givesBackWhatKubeletComparesWithThePod() {
        var spec = spec(config().putLabels("io.kubernetes.pod.uid", "u-1"));
        var pod = new Pod(
                new PodId("ab".repeat(32)),
                spec,
                PodState.READY,
                Instant.ofEpochSecond(7, 5),
                Optional.of(new PodAddresses("10.1.0.2", List.of("fd00::2"))),
                "/keelson/x",
                new StartTimeline(Map.of()));

        var status = Pods.status(pod);

        assertThat(status.getId()).isEqualTo("ab".repeat(32));
        assertThat(status.getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
        assertThat(status.getCreatedAt()).isEqualTo(7_000_000_005L);
        assertThat(status.getMetadata().getAttempt()).isEqualTo(2);
        assertThat(status.getNetwork().getIp()).isEqualTo("10.1.0.2");
        assertThat(status.getNetwork().getAdditionalIps(0).getIp()).isEqualTo("fd00::2");
        assertThat(status.getLabelsMap()).isEqualTo(spec.labels());
        assertThat(status.getLinux().getNamespaces().getOptions())
                .isEqualTo(config().getLinux().getSecurityContext().getNamespaceOptions());
        assertThat(Pods.list(List.of(pod)).getItems(0).getId()).isEqualTo(status.getId());
    }

    private static Optional<SecurityProfile> seccomp(LinuxSandboxSecurityContext.Builder context) {
        return spec(config().setLinux(LinuxPodSandboxConfig.newBuilder().setSecurityContext(context)))
                .security()
                .seccomp();
    }

    private static PodSpec spec(PodSandboxConfig.Builder config) {
        return Pods.spec(request(config));
    }

    private static RunPodSandboxRequest request(PodSandboxConfig.Builder config) {
        return RunPodSandboxRequest.newBuilder().setConfig(config).build();
    }

    private static PodSandboxConfig.Builder config() {
        return PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder()
                        .setName("web")
                        .setNamespace("shop")
                        .setUid("u-1")
                        .setAttempt(2));
    }
}
