package io.keelson.image.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.host.process.SpawnedProcesses;
import io.keelson.image.registry.Credentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class AuthFilesTest {
    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void name() {
        file = directory.resolve("config.json");
    }

    private Credentials find(String host, String repository) {
        return files(Duration.ofSeconds(20)).find(host, repository);
    }

    private AuthFiles files(Duration timeout) {
        return new AuthFiles(
                List.of(directory.resolve("absent.json"), file),
                new CredentialHelpers(new SpawnedProcesses(), List.of(directory), timeout));
    }

    private void helper(String name, String script) throws IOException {
        var program = Files.writeString(directory.resolve("docker-credential-" + name), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    }

    private static String entry(String user) {
        return "{\"username\": \"" + user + "\", \"password\": \"p\"}";
    }

    @ParameterizedTest
    @CsvSource({
        "quay.io, team/app, exact",
        "quay.io, team/other, team",
        "quay.io, teams/app, host",
        "quay.io:5000, team/app, ''",
        "port.io:5000, app, port",
        "port.io, app, ''",
        "docker.io, library/busybox, hub",
        "url.io, a/b, url",
        "v2.io, a/b, v2",
        "path.io, a/b, ''",
        "else.io, a, ''",
    })
    void theLongestPathCounts(String host, String repository, String user) throws IOException {
        Files.writeString(file, """
                {"auths": {"quay.io": %s, "quay.io/team": %s, "quay.io/team/app": %s, "port.io:5000": %s,
                "https://index.docker.io/v1/": %s, "https://url.io": %s, "v2.io/v2/": %s, "path.io/a/b/c": %s}}
                """.formatted(
                        entry("host"),
                        entry("team"),
                        entry("exact"),
                        entry("port"),
                        entry("hub"),
                        entry("url"),
                        entry("v2"),
                        entry("no")));

        assertThat(find(host, repository)).isEqualTo(user.isEmpty() ? Credentials.NONE : Credentials.basic(user, "p"));
    }

    @Test
    void everyFormOfAnEntryIsRead() throws IOException {
        Files.writeString(file, """
                {"auths": {"a.io": {"auth": "dXNlcjpzZWNyZXQ="}, "b.io": {"identitytoken": "id"},
                "c.io": {"registrytoken": "bearer"}, "d.io": {"auth": "!"}, "e.io": 1, "f.io": {}}}
                """);

        assertThat(find("a.io", "x")).isEqualTo(Credentials.basic("user", "secret"));
        assertThat(find("b.io", "x")).isEqualTo(new Credentials("", "", "id", "", ""));
        assertThat(find("c.io", "x")).isEqualTo(new Credentials("", "", "", "bearer", ""));
        assertThat(find("f.io", "x")).isEqualTo(Credentials.NONE);
        assertThatThrownBy(() -> find("d.io", "x")).hasMessageContaining(file.toString());
        assertThatThrownBy(() -> find("e.io", "x")).hasMessageContaining("no object");
    }

    @Test
    void programOfARegistryBeatsTheFileAndAStoreComesLast() throws IOException {
        helper(
                "one",
                "read -r server; printf '{\"ServerURL\":\"%s\",\"Username\":\"%s\",\"Secret\":\"s\"}' x \"one-$server\"");
        helper("store", "read -r server; printf '{\"Username\":\"%s\",\"Secret\":\"s\"}' \"store-$server\"");
        Files.writeString(file, """
                {"credHelpers": {"a.io": "one"}, "credsStore": "store",
                "auths": {"a.io": %s, "b.io": %s, "https://index.docker.io/v1/": {}}}
                """.formatted(entry("file"), entry("file")));

        assertThat(find("a.io", "x")).isEqualTo(Credentials.basic("one-a.io", "s"));
        assertThat(find("b.io", "x")).isEqualTo(Credentials.basic("file", "p"));
        assertThat(find("c.io", "x")).isEqualTo(Credentials.basic("store-c.io", "s"));
        assertThat(find("docker.io", "x")).isEqualTo(Credentials.basic("store-https://index.docker.io/v1/", "s"));
    }

    @Test
    void programMayAnswerWithATokenOrWithNothing() throws IOException {
        helper("token", "echo '{\"Username\":\"<token>\",\"Secret\":\"id\"}'");
        helper("none", "echo 'credentials not found in native keychain'; exit 1");
        Files.writeString(file, "{\"credHelpers\": {\"a.io\": \"token\", \"b.io\": \"none\"}}");

        assertThat(find("a.io", "x")).isEqualTo(new Credentials("", "", "id", "", ""));
        assertThat(find("b.io", "x")).isEqualTo(Credentials.NONE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cat >/dev/null; echo s3cret; exit 3 | ended with code 3",
                "echo '{\"Username\": s3cret' | something else than credentials",
                "echo '[\"s3cret\"]' | something else than credentials",
                "yes s3cret | printed more than",
                "kill -9 $$ | ended with code 137",
            })
    void programThatFailsIsNamedAndItsSecretIsNot(String script, String complaint) throws IOException {
        helper("bad", script + (script.startsWith("yes") ? " | head -c 200000" : ""));
        Files.writeString(file, "{\"credHelpers\": {\"a.io\": \"bad\"}}");

        assertThatThrownBy(() -> find("a.io", "x"))
                .hasMessageContaining(complaint)
                .satisfies(failure -> {
                    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                        assertThat(cause.toString()).doesNotContain("s3cret");
                    }
                });
    }

    @Test
    void programThatNeverEndsIsEnded() throws IOException {
        helper("slow", "sleep 600 & echo $! > " + directory.resolve("child") + "; wait");
        Files.writeString(file, "{\"credHelpers\": {\"a.io\": \"slow\"}}");

        assertThatThrownBy(() -> files(Duration.ofSeconds(1)).find("a.io", "x"))
                .hasMessageContaining("did not answer within 1 s")
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.UNAVAILABLE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../one", "a/b", "", ".", "a b", "-x"})
    void nameThatLeadsElsewhereIsRefused(String name) throws IOException {
        Files.writeString(file, "{\"credHelpers\": {\"a.io\": \"" + name + "\"}}");

        assertThatThrownBy(() -> find("a.io", "x")).hasMessageContaining("no name of a credential helper");
    }

    @Test
    void missingProgramIsNamed() throws IOException {
        Files.writeString(file, "{\"credHelpers\": {\"a.io\": \"absent\"}}");

        assertThatThrownBy(() -> find("a.io", "x")).hasMessageContaining("no program docker-credential-absent");
    }
}
