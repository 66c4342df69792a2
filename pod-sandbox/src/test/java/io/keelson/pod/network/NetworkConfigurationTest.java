package io.keelson.pod.network;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkConfigurationTest {
    private static NetworkConfiguration parse(String json) {
        return NetworkConfiguration.parse(json.getBytes(UTF_8));
    }

    private static String plugin(String type) {
        return "{'cniVersion':'1.0.0','name':'n','plugins':[{'type':'%s'}]}"
                .formatted(type)
                .replace('\'', '"');
    }

    @Test
    void aSinglePluginIsAListOfOne() {
        var network = parse("{\"cniVersion\":\"0.4.0\",\"name\":\"n\",\"type\":\"bridge\",\"bridge\":\"br0\"}");
        assertThat(network.plugins()).hasSize(1);
        assertThat(network.version()).isEqualTo(CniVersion.V0_4_0);
        assertThat(NetworkConfiguration.of(network.source())).isEqualTo(network);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../tmp/x", "/tmp/x", "a/b", "..", ".", "-x", "", "x\\u0000y", "x y", "x\\\\y"})
    @Tag("T63")
    void aTypeThatIsNotTheNameOfAProgramIsRefused(String type) {
        assertThatThrownBy(() -> parse(plugin(type)))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("\"type\" is not the name of a program");
    }

    @Test
    @Tag("T63")
    void aTypeOfAddressManagementThatIsAPathIsRefused() {
        assertThatThrownBy(() -> parse("""
                {"cniVersion":"1.0.0","name":"n","plugins":[{"type":"bridge","ipam":{"type":"../x"}}]}""")).hasMessageContaining("\"ipam.type\" is not the name of a program");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "../n", "a b", "-n", "a;b"})
    void aNameThatIsNoneIsRefused(String name) {
        assertThatThrownBy(() -> parse("{\"name\":\"" + name + "\",\"plugins\":[{\"type\":\"x\"}]}"))
                .hasMessageContaining("\"name\" is not the name of a network");
    }

    @Test
    void aListWithoutPluginsIsRefused() {
        assertThatThrownBy(() -> parse("{\"name\":\"n\",\"plugins\":[]}")).hasMessageContaining("has 0 plugins");
        assertThatThrownBy(() -> parse("{\"name\":\"n\"}")).hasMessageContaining("\"plugins\" is missing");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'cniVersion':'1.0.0'|1.0.0",
                "'cniVersion':'1.0.0','cniVersions':['0.4.0','1.1.0','9.0.0']|1.1.0",
                "'x':1|0.1.0"
            },
            quoteCharacter = '^')
    void theHighestVersionThatWeSpeakIsChosen(String versions, String chosen) {
        var network = parse(("{" + versions + ",'name':'n','plugins':[{'type':'x'}]}").replace('\'', '"'));
        assertThat(network.version()).hasToString(chosen);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.0.0", "x", "1", "1.0.0.0"})
    void aVersionThatWeDoNotSpeakIsRefused(String version) {
        assertThatThrownBy(() ->
                        parse("{\"cniVersion\":\"" + version + "\",\"name\":\"n\",\"plugins\":[{\"type\":\"x\"}]}"))
                .isInstanceOf(Failure.class)
                .hasMessageContaining(version);
    }

    @Test
    void switchesMayBeStrings() {
        var network =
                parse("{\"name\":\"n\",\"disableCheck\":\"true\",\"disableGC\":true,\"plugins\":[{\"type\":\"x\"}]}");
        assertThat(network.disablesCheck()).isTrue();
        assertThat(network.disablesGc()).isTrue();
    }

    @Test
    void aPluginGetsItsConfigurationWithWhatTheRuntimeAdds() {
        var network = parse("""
                {"cniVersion":"1.0.0","name":"n","plugins":[{"type":"x","own":1,"capabilities":{"a":true,"b":false},
                "prevResult":{},"runtimeConfig":{}}]}""");
        var plugin = network.plugins().getFirst();
        assertThat(plugin.capabilities()).containsExactly("a");
        assertThat(network.request(plugin, Map.of("prevResult", Json.number(7))))
                .isEqualTo(Json.object()
                        .put("type", "x")
                        .put("own", 1)
                        .put("cniVersion", "1.0.0")
                        .put("name", "n")
                        .put("prevResult", 7)
                        .build());
    }
}
