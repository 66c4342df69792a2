package io.keelson.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.image.reference.ImageReference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryConfigurationTest {
    private static final String DIGEST = "@sha256:" + "ab".repeat(32);

    private static List<String> places(String toml, String reference) {
        return RegistryConfiguration.parse(toml.getBytes(StandardCharsets.UTF_8))
                .endpoints(ImageReference.parse(reference))
                .stream()
                .map(endpoint -> endpoint.host() + "/" + endpoint.repository()
                        + (endpoint.insecure() ? " insecure" : "")
                        + (endpoint.ownsReference() ? " own" : ""))
                .toList();
    }

    @Test
    void withoutTablesTheRegistryItselfIsAsked() {
        assertThat(places("", "busybox")).containsExactly("docker.io/library/busybox own");
    }

    @Test
    void mirrorsComeFirstInTheirOrder() {
        var toml = """
                unqualified-search-registries = ["docker.io"]
                short-name-mode = "disabled"
                [[registry]]
                prefix = "registry.k8s.io"
                location = "registry.k8s.io"
                [[registry.mirror]]
                location = "127.0.0.1:5000"
                insecure = true
                [[registry.mirror]]
                location = "mirror.example/k8s"
                """;

        assertThat(places(toml, "registry.k8s.io/e2e/busybox:1"))
                .containsExactly(
                        "127.0.0.1:5000/e2e/busybox insecure",
                        "mirror.example/k8s/e2e/busybox",
                        "registry.k8s.io/e2e/busybox own");
        assertThat(places(toml, "quay.io/e2e/busybox:1")).containsExactly("quay.io/e2e/busybox own");
    }

    @Test
    void longestPrefixCountsAndEndsAtASlash() {
        var toml = """
                [[registry]]
                location = "quay.io"
                [[registry]]
                prefix = "quay.io/team"
                location = "internal.example/mirror"
                insecure = true
                [[registry]]
                prefix = "*.example.com"
                insecure = true
                """;

        assertThat(places(toml, "quay.io/team/app")).containsExactly("internal.example/mirror/app insecure");
        assertThat(places(toml, "quay.io/teams/app")).containsExactly("quay.io/teams/app own");
        assertThat(places(toml, "a.example.com/app")).containsExactly("a.example.com/app insecure own");
    }

    @Test
    void aPrefixMayEndWithATagOrADigest() {
        var toml = """
                [[registry]]
                prefix = "quay.io/a/b:1"
                location = "one.example/x:1"
                [[registry.mirror]]
                location = "mirror.example/b:1"
                [[registry]]
                location = "quay.io/a/b%s"
                insecure = true
                [[registry]]
                prefix = "quay.io/a"
                location = "all.example"
                """.formatted(DIGEST);

        assertThat(places(toml, "quay.io/a/b:1")).containsExactly("mirror.example/b", "one.example/x");
        assertThat(places(toml, "quay.io/a/b:1" + DIGEST)).isNotEqualTo(places(toml, "quay.io/a/b:2"));
        assertThat(places(toml, "quay.io/a/b" + DIGEST)).containsExactly("quay.io/a/b insecure own");
        assertThat(places(toml, "quay.io/a/b:12")).containsExactly("all.example/b");
        assertThat(places(toml, "quay.io/a/b/c:1")).containsExactly("all.example/b/c");
        assertThat(places("[[registry]]\nprefix = \"localhost:5000\"\nlocation = \"r.example:1\"", "localhost:5000/a"))
                .containsExactly("r.example:1/a");
        assertThatThrownBy(() ->
                        places("[[registry]]\nprefix = \"quay.io/a:1\"\nlocation = \"quay.io/a:2\"", "quay.io/a:1"))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("location \"quay.io/a:2\" ends in \":2\"");
    }

    @Test
    void mirrorMayServeDigestsOrTagsOnly() {
        var toml = """
                [[registry]]
                location = "quay.io"
                [[registry.mirror]]
                location = "digests.example"
                pull-from-mirror = "digest-only"
                [[registry.mirror]]
                location = "tags.example"
                pull-from-mirror = "tag-only"
                """;

        assertThat(places(toml, "quay.io/a/b:1")).containsExactly("tags.example/a/b", "quay.io/a/b own");
        assertThat(places(toml, "quay.io/a/b" + DIGEST)).containsExactly("digests.example/a/b", "quay.io/a/b own");
    }

    @Test
    void shortNamesWithAnAliasStandForIt(@TempDir Path directory) throws IOException {
        var file = directory.resolve("registries.conf");
        Files.createDirectory(directory.resolve("registries.conf.d"));
        Files.writeString(
                file, "[aliases]\n\"busybox\" = \"quay.io/team/box\"\n\"a/b\" = \"r.io/c\"\n\"gone\" = \"r.io/d\"");
        Files.writeString(directory.resolve("registries.conf.d/1.conf"), "[aliases]\n\"gone\" = \"\"");
        var configuration = RegistryConfiguration.read(file);

        assertThat(configuration.fullName("busybox")).isEqualTo("quay.io/team/box");
        assertThat(configuration.fullName("busybox:1")).isEqualTo("quay.io/team/box:1");
        assertThat(configuration.fullName("a/b" + DIGEST)).isEqualTo("r.io/c" + DIGEST);
        for (var name : List.of("gone", "other", "x.io/busybox", "x.io:5000/busybox", "")) {
            assertThat(configuration.fullName(name)).isEqualTo(name);
        }
    }

    @Test
    void aliasesThatAreNoneAreNamed() {
        for (var alias : List.of(
                "\"quay.io/a\" = \"quay.io/b\"",
                "\"a:1\" = \"quay.io/b\"",
                "a = \"b\"",
                "a = \"quay.io/b:1\"",
                "a = \"quay.io/B\"")) {
            assertThatThrownBy(() -> places("[aliases]\n" + alias, "a"))
                    .as(alias)
                    .isInstanceOf(Failure.class);
        }
    }

    @Test
    void blockedRegistryIsDenied() {
        assertThatThrownBy(() -> places("[[registry]]\nlocation = \"quay.io\"\nblocked = true", "quay.io/a"))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.DENIED));
    }

    @Test
    void mistakesAreNamed() {
        assertThatThrownBy(() -> places("[[registry]]\nlocaton = \"a\"", "a"))
                .hasMessageContaining("unknown key \"locaton\"");
        assertThatThrownBy(() -> places("[[registry]]\ninsecure = true", "a")).hasMessageContaining("neither prefix");
        assertThatThrownBy(() -> places("[[registry]", "a")).hasMessageContaining("not TOML");
        assertThatThrownBy(() -> places("[[registry]]\nlocation = \"a\"\ninsecure = \"yes\"", "a"))
                .hasMessageContaining("not a boolean");
    }

    @Test
    void dropInsAddAndReplaceInLexicalOrder(@TempDir Path directory) throws IOException {
        var file = directory.resolve("registries.conf");
        Files.createDirectory(directory.resolve("registries.conf.d"));
        Files.writeString(file, "[[registry]]\nlocation = \"quay.io\"\nblocked = true");
        Files.writeString(directory.resolve("registries.conf.d/20.conf"), "[[registry]]\nlocation = \"quay.io\"");
        Files.writeString(
                directory.resolve("registries.conf.d/10.conf"),
                "[[registry]]\nlocation = \"quay.io\"\ninsecure = true");

        var endpoints = RegistryConfiguration.read(file).endpoints(ImageReference.parse("quay.io/a"));

        assertThat(endpoints).containsExactly(new RegistryEndpoint("quay.io", "a", false, true));
        assertThat(RegistryConfiguration.read(directory.resolve("absent")).endpoints(ImageReference.parse("quay.io/a")))
                .hasSize(1);
    }
}
