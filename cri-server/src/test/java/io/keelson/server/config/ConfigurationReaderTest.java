package io.keelson.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.server.connection.TlsVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationReaderTest {
    @TempDir
    Path directory;

    @Test
    void needsNoFile() {
        var configuration = Configuration.defaults();

        assertThat(configuration.server().socket()).isEqualTo(Path.of("/run/keelson/keelson.sock"));
        assertThat(configuration.runtime().handlers()).isEmpty();
        assertThat(configuration.network().pluginTimeout()).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void suggestsTheNearestKeyForAnUnknownOne() {
        assertThatThrownBy(() -> load("[server]\nsocked = \"/x\""))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("keelson.toml")
                .hasMessageContaining("unknown key \"server.socked\"; did you mean \"server.socket\"?");
    }

    @Test
    void listsTheKnownKeysWhereNoneIsNear() {
        assertThatThrownBy(() -> load("[elephants]\ncount = 1"))
                .hasMessageContaining("unknown key \"elephants\"; known are server, storage, log");
    }

    @Test
    void laterDropInsBeatEarlierOnesKeyByKey() throws IOException {
        var dropIns = Files.createDirectory(directory.resolve("keelson.d"));
        Files.writeString(dropIns.resolve("20-b.toml"), "[log]\nlevel = \"debug\"");
        Files.writeString(dropIns.resolve("10-a.toml"), "[log]\nlevel = \"warn\"\n[storage]\nroot = \"/from/a\"");
        Files.writeString(dropIns.resolve("30-ignored.txt"), "not TOML");

        var configuration = load("[storage]\nroot = \"/from/main\"\nstate = \"/state/main\"");

        assertThat(configuration.log().level()).isEqualTo(Configuration.LogLevel.DEBUG);
        assertThat(configuration.storage().root()).isEqualTo(Path.of("/from/a"));
        assertThat(configuration.storage().state()).isEqualTo(Path.of("/state/main"));
    }

    @Test
    void namesTheKeyOfABadValueAndWhatWouldBeRight() {
        assertThatThrownBy(() -> load("[network]\nplugin_timeout = \"soon\""))
                .hasMessageContaining("\"network.plugin_timeout\"")
                .hasMessageContaining("\"soon\" is not a duration such as");
        assertThatThrownBy(() -> load("[storage]\nroot = \"relative\""))
                .hasMessageContaining("\"storage.root\": \"relative\" is not an absolute path");
        assertThatThrownBy(() -> load("[log]\nlevel = \"loud\""))
                .hasMessageContaining("\"log.level\": \"loud\" is not one of error, warn, info, debug, trace");
        assertThatThrownBy(() -> load("[runtime]\ncontainer_group_prefix = \"crio/..\""))
                .hasMessageContaining("runtime.container_group_prefix: not up to 32 small letters and digits: crio/..");
        assertThatThrownBy(() -> load("[log]\nlevel = 3")).hasMessageContaining("a text in quotes is wanted");
        assertThatThrownBy(() -> load("log = 3")).hasMessageContaining("\"log\" is a table: write [log]");
        assertThatThrownBy(() -> load("[server]\nsocket = \"/" + "a".repeat(107) + "\""))
                .hasMessageContaining("server.socket: a socket's path has at most 107 bytes");
    }

    @Test
    void namesTheLineOfWhatIsNotToml() {
        assertThatThrownBy(() -> load("[log]\nlevel = ")).hasMessageContaining("keelson.toml:2");
    }

    @Test
    void readsHandlersByName() throws IOException {
        var handlers = load("[runtime.handlers.crun]\n[runtime.handlers.mine]\nprogram = \"/opt/mine\"")
                .runtime()
                .handlers();

        assertThat(handlers.keySet()).containsExactly("crun", "mine");
        assertThat(handlers.get("mine").program()).isEqualTo("/opt/mine");
        assertThat(handlers.get("crun").program()).isEmpty();
    }

    @Test
    @Tag("T55")
    void listensForStreamsOnLoopbackAloneAndWaitsAsOthersDo() {
        var streaming = Configuration.defaults().streaming();

        assertThat(streaming.address()).isEqualTo("127.0.0.1");
        assertThat(streaming.idleTimeout()).isEqualTo(Duration.ofHours(4));
        assertThat(streaming.creationTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(streaming.encryption()).isEmpty();
    }

    @Test
    void readsHowStreamsAreEncrypted() throws IOException {
        var tls = load("[streaming.tls]\ncertificate = \"/c\"\nkey = \"/k\"\nminimum_version = \"1.3\"")
                .streaming()
                .encryption()
                .orElseThrow();

        assertThat(tls.certificate()).isEqualTo(Path.of("/c"));
        assertThat(tls.key()).isEqualTo(Path.of("/k"));
        assertThat(tls.clientAuthorities()).isEmpty();
        assertThat(tls.minimum()).isEqualTo(TlsVersion.TLS_1_3);
    }

    @Test
    void refusesTracingThatCannotBe() {
        assertThat(Configuration.defaults().tracing().collector()).isEmpty();
        assertThatThrownBy(() -> load("[tracing]\nendpoint = \"http://a:1\""))
                .hasMessageContaining("tracing.endpoint: neither unix:PATH nor a host and a port");
        assertThatThrownBy(() -> load("[tracing]\nsampling_rate_per_million = 1000001"))
                .hasMessageContaining("tracing.sampling_rate_per_million: not between 0 and 1000000: 1000001");
    }

    @Test
    void refusesEncryptionThatCannotBe() {
        assertThatThrownBy(() -> load("[streaming.tls]\ncertificate = \"/c\""))
                .hasMessageContaining("streaming.tls: a certificate and its key are set together");
        assertThatThrownBy(() -> load("[streaming.tls]\nclient_authorities = \"/c\""))
                .hasMessageContaining("streaming.tls.client_authorities");
        assertThatThrownBy(() -> load("[streaming.tls]\ncertificate = \"c\"\nkey = \"/k\""))
                .hasMessageContaining("streaming.tls.certificate: not an absolute path: c");
        assertThatThrownBy(() -> load("[metrics.tls]\nkey = \"/k\""))
                .hasMessageContaining("metrics.tls: a certificate and its key are set together");
        assertThatThrownBy(() -> load("[streaming.tls]\nminimum_version = \"1.1\""))
                .hasMessageContaining("\"1.1\" is not one of 1.2, 1.3");
    }

    @Test
    void refusesAFileThatWasAskedForAndIsNotThere() {
        assertThatThrownBy(() -> ConfigurationReader.load(directory.resolve("none.toml")))
                .hasMessageContaining("there is no configuration file");
    }

    @Test
    void readsWhatItPrintsAsInForce() throws IOException {
        var configuration = load("[runtime.handlers.mine]\nprogram = \"/opt/mine\"\n[log]\nlevel = \"trace\"");

        var again = ConfigurationReader.read(
                List.of(TomlFile.parse(Path.of("printed"), ConfigurationText.effective(configuration))));

        assertThat(again).isEqualTo(configuration);
    }

    @Test
    void readsItsSampleAsTheDefaultsWithAndWithoutTheCommentMarks() {
        var sample = ConfigurationText.sample();
        var uncommented = sample.replaceAll("(?m)^#(?=[a-z])", "");

        assertThat(ConfigurationReader.read(List.of(TomlFile.parse(Path.of("sample"), sample))))
                .isEqualTo(Configuration.defaults());
        assertThat(uncommented).isNotEqualTo(sample);
        assertThat(ConfigurationReader.read(List.of(TomlFile.parse(Path.of("uncommented"), uncommented))))
                .isEqualTo(Configuration.defaults());
    }

    private Configuration load(String text) throws IOException {
        return ConfigurationReader.load(Files.writeString(directory.resolve("keelson.toml"), text));
    }
}
