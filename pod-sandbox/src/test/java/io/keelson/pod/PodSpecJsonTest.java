package io.keelson.pod;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.json.Json;
import io.keelson.host.process.ProcessIdentity;
import io.keelson.oci.spec.LinuxResources;
import io.keelson.pod.files.DnsConfig;
import io.keelson.pod.namespace.NamespaceMode;
import io.keelson.pod.namespace.NamespaceOptions;
import io.keelson.pod.namespace.UserNamespace;
import io.keelson.pod.namespace.UserNamespace.IdMapping;
import io.keelson.pod.network.PodAddresses;
import io.keelson.pod.network.PortMapping;
import io.keelson.pod.network.Protocol;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Records are read as they were written: every field has a value here that no other has, and that is no default. */
class PodSpecJsonTest {
    private static final PodSpec FULL = new PodSpec(
            new PodMetadata("name", "namespace", "uid", 7),
            "hostname",
            "/var/log/x",
            Optional.of(new DnsConfig(List.of("10.0.0.1", "::1"), List.of("a.b", "c"), List.of("ndots:5"))),
            List.of(
                    new PortMapping(Protocol.SCTP, 81, 8081, "127.0.0.1"),
                    new PortMapping(Protocol.UDP, 82, 8082, "::1"),
                    new PortMapping(Protocol.TCP, 83, 0, "")),
            Map.of("label", "value", "\u00e4\u0001\"\\", "\uD83D\uDE00\n", "empty", ""),
            Map.of("annotation", "{\"json\":true}"),
            "/kubepods/burstable/pod1",
            new PodSecurity(
                    new NamespaceOptions(
                            NamespaceMode.NODE,
                            NamespaceMode.CONTAINER,
                            NamespaceMode.TARGET,
                            "target",
                            Optional.of(new UserNamespace(
                                    NamespaceMode.POD,
                                    List.of(new IdMapping(100_000, 0, 65_536)),
                                    List.of(new IdMapping(200_000, 1, 4_294_967_295L))))),
                    Optional.of(new SelinuxLabel("user", "role", "type", "level")),
                    OptionalLong.of(4_294_967_294L),
                    OptionalLong.of(0),
                    true,
                    List.of(5L, 4_294_967_294L),
                    false,
                    true,
                    Optional.of(new SecurityProfile(SecurityProfile.Kind.LOCALHOST, "/seccomp.json")),
                    Optional.of(new SecurityProfile(SecurityProfile.Kind.UNCONFINED, ""))),
            Map.of("net.ipv4.ip_forward", "1"),
            resources(1),
            resources(100),
            "runc");

    private static LinuxResources resources(long from) {
        return new LinuxResources(
                from,
                from + 1,
                from + 2,
                from + 3,
                from + 4,
                "0-" + from,
                "" + from,
                Map.of("2MB", from + 5, "1GB", from + 6),
                Map.of("memory.high", "" + from),
                from + 7);
    }

    @Test
    void aSpecIsReadAsItWasWritten() {
        assertThat(reread(FULL)).isEqualTo(FULL);
    }

    @Test
    void whatIsAbsentStaysAbsent() {
        var bare = FakeNode.spec("bare");

        assertThat(reread(bare)).isEqualTo(bare);
    }

    private static PodSpec reread(PodSpec spec) {
        return PodSpecJson.read(Json.parseObject(PodSpecJson.write(spec).toBytes()));
    }

    @Test
    void aRecordIsReadAsItWasWritten() {
        var record = new PodRecord(new PodId("ab".repeat(32)), FULL, Instant.ofEpochSecond(5, 123_456_789), "/x", true);

        assertThat(PodRecord.fromJson(Json.parseObject(record.toJson().toBytes())))
                .isEqualTo(record);
    }

    @Test
    void aStatusIsReadAsItWasWritten() {
        var steps = new LinkedHashMap<String, Long>();
        steps.put("zulu", 3L);
        steps.put("alpha", 4L);
        var status = new PodStatus(
                PodState.NOT_READY,
                "boot",
                Optional.of(new PodAddresses("10.0.0.5", List.of("fd00::5"))),
                Optional.of(new ProcessIdentity(12, 34)),
                true,
                new StartTimeline(steps));

        var read = PodStatus.fromJson(Json.parseObject(status.toJson().toBytes()));

        assertThat(read).isEqualTo(status);
        assertThat(read.startTimeline().microsByStep().keySet())
                .as("steps keep their order")
                .containsExactly("zulu", "alpha");
    }
}
