package io.keelson.pod.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.json.Json;
import io.keelson.pod.files.DnsConfig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CapabilityArgumentsTest {
    private static final PluginConfiguration ALL =
            plugin("portMappings", "bandwidth", "cgroupPath", "dns", "aliases", "io.kubernetes.cri.pod-annotations");

    private static PluginConfiguration plugin(String... capabilities) {
        var claimed = Json.object();
        for (var capability : capabilities) {
            claimed.put(capability, true);
        }
        return PluginConfiguration.parse(
                Json.object().put("type", "x").put("capabilities", claimed).build());
    }

    private static NetworkRequest request(Map<String, String> annotations) {
        return new NetworkRequest(
                "p",
                "n",
                "ns",
                "u",
                Path.of("/n"),
                List.of(
                        new PortMapping(Protocol.SCTP, 80, 8080, "192.0.2.1"),
                        new PortMapping(Protocol.TCP, 81, 0, "")),
                annotations,
                "/kubepods/p",
                Optional.of(new DnsConfig(List.of("10.0.0.10"), List.of("svc.example"), List.of("ndots:5"))),
                List.of("web-0"));
    }

    @Test
    void portsAreToldOnlyWhenAPluginPublishesThem() {
        assertThat(new CapabilityArguments(request(Map.of()), HostPortMode.KEELSON).of(plugin("portMappings")))
                .isEmpty();
        assertThat(new CapabilityArguments(request(Map.of()), HostPortMode.CNI).of(plugin("portMappings")))
                .hasValueSatisfying(arguments -> assertThat(new String(arguments.toBytes(), StandardCharsets.UTF_8))
                        .isEqualTo("{\"portMappings\":[{\"hostPort\":8080,\"containerPort\":80,\"protocol\":\"sctp\","
                                + "\"hostIP\":\"192.0.2.1\"}]}"));
    }

    @Test
    void aPluginIsToldOnlyWhatItHasTheCapabilityFor() {
        var arguments = new CapabilityArguments(request(Map.of("a", "b")), HostPortMode.CNI);
        assertThat(arguments.of(plugin())).isEmpty();
        assertThat(arguments.of(plugin("cgroupPath")))
                .contains(Json.object().put("cgroupPath", "/kubepods/p").build());
        assertThat(arguments.of(ALL).orElseThrow().object("io.kubernetes.cri.pod-annotations"))
                .isEqualTo(Json.object().put("a", "b").build());
    }

    @Test
    void namesAreToldToPluginsThatServeThem() {
        var arguments = new CapabilityArguments(request(Map.of()), HostPortMode.CNI)
                .of(ALL)
                .orElseThrow();
        assertThat(arguments.object("dns").texts("servers")).containsExactly("10.0.0.10");
        assertThat(arguments.object("dns").texts("searches")).containsExactly("svc.example");
        assertThat(arguments.object("dns").texts("options")).containsExactly("ndots:5");
        assertThat(arguments.texts("aliases")).containsExactly("web-0");
    }

    @Test
    void bandwidthComesFromTheAnnotations() {
        var annotations = Map.of("kubernetes.io/ingress-bandwidth", "10M", "kubernetes.io/egress-bandwidth", "1.5Gi");
        var bandwidth = new CapabilityArguments(request(annotations), HostPortMode.CNI)
                .of(ALL)
                .orElseThrow()
                .object("bandwidth");
        assertThat(bandwidth.number("ingressRate")).isEqualTo(10_000_000);
        assertThat(bandwidth.number("egressRate")).isEqualTo(1_610_612_736);
        assertThat(bandwidth.number("ingressBurst")).isEqualTo(Integer.MAX_VALUE);
    }

    @ParameterizedTest
    @CsvSource({"1k,1000", "1000,1000", "1P,1000000000000000", "2Ki,2048", "1.0005k,1000"})
    void quantitiesAreUnderstood(String text, long bits) {
        assertThat(BandwidthLimits.parse("a", text)).isEqualTo(bits);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "999", "1001T", "-1M", "1e6", "1M ", "M", "1Mi1", "99999999999999999999P"})
    void whatIsNoBandwidthIsRefused(String text) {
        assertThatThrownBy(() -> BandwidthLimits.parse("a", text))
                .hasMessage("annotation a is \"" + text + "\", not a bandwidth from 1k to 1P");
    }
}
