package io.keelson.image.hosts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.Assertions;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostDirectoriesTest {
    @TempDir
    Path root;

    private List<HostEntry> read(String toml) throws IOException {
        write("registry.example", toml);
        return find("registry.example").orElseThrow();
    }

    private void write(String host, String toml) throws IOException {
        var directory = Files.createDirectories(root.resolve(host));
        Files.writeString(directory.resolve("hosts.toml"), toml);
    }

    private Optional<List<HostEntry>> find(String host) {
        return new HostDirectories(List.of(root.resolve("absent"), root)).find(host);
    }

    @Test
    void serversComeInTheOrderInWhichTheyAreWrittenAndTheHostLast() throws IOException {
        var entries = read("""
                server = "https://upstream.example"
                capabilities = ["pull"]
                [host."https://z.example:5000"]
                capabilities = ["pull", "resolve"]
                [host."http://a.example/base/"]
                skip_verify = true
                [host."m.example/v2"]
                [host."https://o.example/own"]
                override_path = true
                """);

        assertThat(entries)
                .extracting(
                        HostEntry::server,
                        entry -> entry.access().scheme().orElse(""),
                        entry -> entry.access().path(),
                        entry -> entry.access().capabilities().stream().sorted().toList(),
                        HostEntry::skipVerify)
                .containsExactly(
                        tuple("z.example:5000", "https", "/v2", List.of(Capability.PULL, Capability.RESOLVE), null),
                        tuple("a.example", "http", "/base/v2", List.of(Capability.values()), true),
                        tuple("m.example", "https", "/v2", List.of(Capability.values()), null),
                        tuple("o.example", "https", "/own", List.of(Capability.values()), null),
                        tuple("upstream.example", "https", "/v2", List.of(Capability.PULL), null));
    }

    private static Tuple tuple(
            String server, String scheme, String path, List<Capability> capabilities, Boolean skipVerify) {
        return Assertions.tuple(server, scheme, path, capabilities, Optional.ofNullable(skipVerify));
    }

    @Test
    void certificatesAreFoundBesideTheFile() throws IOException {
        var entries = read("""
                ca = "/abs/ca.pem"
                [host."https://one.example"]
                ca = ["one.pem", "/two.pem"]
                client = "both.pem"
                [host."https://two.example"]
                client = ["a.pem", "b.pem"]
                [host."https://three.example"]
                client = [["c.pem", "c.key"], ["d.pem", ""]]
                """);
        var directory = root.resolve("registry.example");

        assertThat(entries)
                .extracting(entry -> entry.access().tls())
                .containsExactly(
                        new HostTls(
                                List.of(directory.resolve("one.pem"), Path.of("/two.pem")),
                                List.of(pair(directory, "both.pem", "both.pem"))),
                        new HostTls(
                                List.of(),
                                List.of(pair(directory, "a.pem", "a.pem"), pair(directory, "b.pem", "b.pem"))),
                        new HostTls(
                                List.of(),
                                List.of(pair(directory, "c.pem", "c.key"), pair(directory, "d.pem", "d.pem"))),
                        new HostTls(List.of(Path.of("/abs/ca.pem")), List.of()));
    }

    private static HostTls.ClientPair pair(Path directory, String certificate, String key) {
        return new HostTls.ClientPair(directory.resolve(certificate), directory.resolve(key));
    }

    @Test
    void headersAndDialTimeoutAreOfTheirServer() throws IOException {
        var access = read("""
                        [host."https://one.example"]
                        dial_timeout = "1m0.5s"
                        [host."https://one.example".header]
                        x-one = "a"
                        x-two = ["b", "c"]
                        """).getFirst().access();

        assertThat(access.dialTimeout()).contains(Duration.ofMillis(60_500));
        assertThat(access.headers()).containsEntry("x-one", List.of("a")).containsEntry("x-two", List.of("b", "c"));
    }

    @ParameterizedTest
    @CsvSource({
        "quay.io:5000, quay.io_5000_ quay.io:5000 quay.io, quay.io_5000_",
        "quay.io:5000, quay.io:5000 quay.io _default, quay.io:5000",
        "quay.io:5000, quay.io _default, _default",
        "quay.io, quay.io _default, quay.io",
        "quay.io, other.io _default, _default",
        "quay.io, other.io, ''"
    })
    void theMostExactDirectoryCounts(String host, String directories, String counts) throws IOException {
        for (var directory : directories.split(" ", -1)) {
            write(directory, "server = \"https://" + directory.replace(":", "-").replace("_", "u") + ".found\"");
        }

        assertThat(find(host).map(entries -> entries.getLast().server()))
                .isEqualTo(Optional.of(counts.replace(":", "-").replace("_", "u") + ".found")
                        .filter(_ -> !counts.isEmpty()));
    }

    @Test
    void certificatesWithoutAFileAreDockers() throws IOException {
        var directory = Files.createDirectories(root.resolve("registry.example"));
        for (var name : List.of("ca.crt", "client.cert", "client.key", "notes.txt")) {
            Files.writeString(directory.resolve(name), "");
        }

        assertThat(find("registry.example").orElseThrow())
                .containsExactly(new HostEntry(
                        "",
                        HostAccess.by(new HostTls(
                                List.of(directory.resolve("ca.crt")),
                                List.of(pair(directory, "client.cert", "client.key")))),
                        Optional.empty()));

        Files.delete(directory.resolve("client.key"));
        assertThatThrownBy(() -> find("registry.example")).hasMessageContaining("client.key");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[host.\"ftp://a\"]",
                "[host.\"https://user:pw@a\"]",
                "[host.\"https://a?x=1\"]",
                "[host.\"https://\"]",
                "host = 1",
                "host.a = 1",
                "[host.a]\ncapabilities = [\"steal\"]",
                "[host.a]\ncapabilities = \"pull\"",
                "[host.a]\nskip_verify = \"yes\"",
                "[host.a]\nca = 1",
                "[host.a]\nclient = [[\"a\", \"b\", \"c\"]]",
                "[host.a]\nclient = [[]]",
                "[host.a]\ndial_timeout = \"5\"",
                "[host.a]\ndial_timeout = \"-5s\"",
                "[host.a]\ndial_timeout = \"5s or so\"",
                "[host.a]\ndial_timeout = \"99999999999999999999h\"",
                "[host.a.header]\n\"x y\" = \"1\"",
                "[host.a.header]\nhost = \"elsewhere\"",
                "[host.a.header]\nx = \"a\\nb\"",
                "server = \"https://a\"\nserver = \"https://b\"",
                "server = [",
            })
    void mistakesAreNamedWithTheirFile(String toml) throws IOException {
        write("registry.example", toml);

        assertThatThrownBy(() -> find("registry.example"))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID))
                .hasMessageContaining(
                        root.resolve("registry.example/hosts.toml").toString());
    }

    @Test
    void secretsOfHeadersAreInNoMessage() throws IOException {
        write("registry.example", "[host.a.header]\nauthorization = \"s3cret\\n\"");

        assertThatThrownBy(() -> find("registry.example"))
                .satisfies(failure -> assertThat(failure.toString()).doesNotContain("s3cret"));
    }
}
