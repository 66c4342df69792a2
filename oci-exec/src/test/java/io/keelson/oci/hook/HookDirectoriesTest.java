package io.keelson.oci.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.oci.spec.Hook;
import io.keelson.oci.spec.HookStage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HookDirectoriesTest {
    private static final HookSubject SUBJECT =
            new HookSubject(Map.of("vendor/gpu", "all", "other", "no"), "/usr/bin/server", true);

    @TempDir
    Path directory;

    private Path first;
    private Path second;
    private HookDirectories hooks;

    @BeforeEach
    void makeDirectories() throws IOException {
        first = Files.createDirectory(directory.resolve("first"));
        second = Files.createDirectory(directory.resolve("second"));
        hooks = new HookDirectories(List.of(first, second, directory.resolve("absent")));
    }

    private static void write(Path in, String name, String when, String stages, String argument) throws IOException {
        Files.writeString(in.resolve(name), """
                {"version": "1.0.0", "hook": {"path": "/bin/sh", "args": ["sh", "%s"]}, "when": %s, "stages": %s}
                """.formatted(argument, when, stages));
    }

    private List<String> arguments(HookStage stage) {
        return hooks.matching(SUBJECT).byStage().getOrDefault(stage, List.of()).stream()
                .map(hook -> hook.args().get(1))
                .toList();
    }

    @Test
    void withoutFilesThereAreNone() {
        assertThat(hooks.matching(SUBJECT).byStage()).isEmpty();
        assertThat(hooks.problems()).isEmpty();
    }

    @Test
    void allThatAHookSaysIsRead() throws IOException {
        Files.writeString(first.resolve("a.json"), """
                {"version": "1.0.0", "hook": {"path": "/bin/sh", "args": ["a", "b"], "env": ["A=b"], "timeout": 3},
                 "when": {"always": true},
                 "stages": ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"]}
                """);

        var found = hooks.matching(SUBJECT).byStage();

        var hook = new Hook("/bin/sh", List.of("a", "b"), List.of("A=b"), Optional.of(3L));
        assertThat(found).hasSize(6).containsOnlyKeys(HookStage.values());
        assertThat(found.values()).allSatisfy(each -> assertThat(each).containsExactly(hook));
    }

    @Test
    void aLaterDirectoryBeatsAnEarlierOneAndTheOrderIsThatOfNamesInLowerCase() throws IOException {
        write(first, "b.json", "{\"always\": true}", "[\"poststop\"]", "first-b");
        write(first, "a.json", "{\"always\": true}", "[\"poststop\"]", "first-a");
        write(first, "c.txt", "{\"always\": true}", "[\"poststop\"]", "no-hook");
        write(second, "A1.json", "{\"always\": true}", "[\"poststop\", \"prestart\"]", "second-A1");
        write(second, "b.json", "{\"always\": true}", "[\"poststop\"]", "second-b");

        assertThat(arguments(HookStage.POSTSTOP)).containsExactly("first-a", "second-A1", "second-b");
        assertThat(arguments(HookStage.PRESTART)).containsExactly("second-A1");
    }

    @Test
    void aChangeCountsAtOnce() throws IOException {
        write(first, "a.json", "{\"always\": true}", "[\"poststop\"]", "one");
        assertThat(arguments(HookStage.POSTSTOP)).containsExactly("one");
        write(first, "a.json", "{\"always\": false}", "[\"poststop\"]", "one");
        assertThat(arguments(HookStage.POSTSTOP)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{}; false",
                "{\"always\": true}; true",
                "{\"always\": false}; false",
                "{\"hasBindMounts\": true}; true",
                "{\"hasBindMounts\": false}; false",
                "{\"commands\": [\"^/usr/bin/ser\"]}; true",
                "{\"commands\": [\"^ser\", \"server$\"]}; true",
                "{\"commands\": [\"^ser\"]}; false",
                "{\"commands\": []}; false",
                "{\"annotations\": {\"gpu$\": \"^all$\"}}; true",
                "{\"annotations\": {\"gpu$\": \"^none$\"}}; false",
                "{\"annotations\": {\"^other$\": \"all\"}}; false",
                "{\"annotations\": {\"gpu$\": \"all\", \"missing\": \"\"}}; false",
                "{\"always\": true, \"commands\": [\"^ser\"]}; false",
                "{\"always\": false, \"commands\": [\"server\"]}; false",
                "{\"always\": false, \"commands\": [\"server\"], \"or\": true}; true",
                "{\"annotations\": {\"missing\": \"\"}, \"hasBindMounts\": true, \"or\": true}; true",
                "{\"annotations\": {\"missing\": \"\"}, \"or\": true}; false"
            })
    void aHookRunsWhenAllOfItsConditionsHoldOrOneOfThemIfItSaysSo(String when, boolean runs) throws IOException {
        write(first, "a.json", when, "[\"poststop\"]", "x");

        assertThat(arguments(HookStage.POSTSTOP)).hasSize(runs ? 1 : 0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{\"hook\":{\"path\":\"/bin/sh\"},\"when\":{},\"stages\":[\"poststop\"]}",
                "{\"version\":\"0.1.0\",\"hook\":\"/bin/sh\",\"stages\":[\"poststop\"]}",
                "{\"version\":\"1.1.0\",\"hook\":{\"path\":\"/bin/sh\"},\"when\":{},\"stages\":[\"poststop\"]}",
                "{\"version\":\"1.0.0\",\"when\":{},\"stages\":[\"poststop\"]}",
                "{\"version\":\"1.0.0\",\"hook\":{\"path\":\"/bin/sh\"},\"stages\":[\"poststop\"]}",
                "{\"version\":\"1.0.0\",\"hook\":{\"path\":\"/bin/sh\"},\"when\":{}}",
                "{\"version\":\"1.0.0\",\"hook\":{\"path\":\"/bin/sh\"},\"when\":{},\"stages\":[]}",
                "{\"version\":\"1.0.0\",\"hook\":{\"path\":\"/bin/sh\"},\"when\":{},\"stages\":[\"never\"]}",
                "{\"version\":\"1.0.0\",\"hook\":{\"path\":\"/bin/sh\"},\"when\":{\"sometimes\":true},\"stages\":[\"poststop\"]}",
                "{\"version\":\"1.0.0\",\"hook\":{\"path\":\"/bin/sh\"},\"when\":{\"always\":\"yes\"},\"stages\":[\"poststop\"]}",
                "{\"version\":\"1.0.0\",\"hook\":{\"path\":\"/bin/sh\"},\"when\":{\"commands\":[\"(\"]},\"stages\":[\"poststop\"]}",
                "{\"version\":\"1.0.0\",\"hook\":{\"path\":\"/bin/sh\"},\"when\":{\"commands\":[\"(?=x)\"]},\"stages\":[\"poststop\"]}",
                "{\"version\":\"1.0.0\",\"hook\":{\"path\":\"bin/sh\"},\"when\":{},\"stages\":[\"poststop\"]}",
                "{\"version\":\"1.0.0\",\"hook\":{\"path\":\"/absent\"},\"when\":{},\"stages\":[\"poststop\"]}",
                "{\"version\":\"1.0.0\",\"hook\":{\"path\":\"/bin/sh\",\"timeout\":0},\"when\":{},\"stages\":[\"poststop\"]}",
                "{\"version\":\"1.0.0\",\"hook\":{\"path\":\"/bin/sh\",\"args\":[\"a\\u0000b\"]},\"when\":{},\"stages\":[\"poststop\"]}"
            })
    void aFileThatIsNotUnderstoodIsAFailureWhoeverAsks(String content) throws IOException {
        write(first, "good.json", "{\"always\": true}", "[\"poststop\"]", "x");
        var bad = Files.writeString(first.resolve("bad.json"), content);

        assertThatThrownBy(() -> hooks.matching(SUBJECT))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.WRONG_STATE))
                .hasMessageContaining(bad.toString());
        assertThat(hooks.problems()).singleElement().asString().contains(bad.toString());
    }

    @Test
    void theProgramOfAHookThatRunsInTheContainerIsTheContainers() throws IOException {
        Files.writeString(first.resolve("a.json"), """
                {"version": "1.0.0", "hook": {"path": "/only/there"}, "when": {"always": true}, "stages": ["startContainer"]}
                """);

        assertThat(hooks.matching(SUBJECT).byStage()).containsOnlyKeys(HookStage.START_CONTAINER);
    }

    /** A pattern on which a backtracking matcher takes longer than the universe lasts. */
    @Test
    void noPatternTakesLong() throws IOException {
        write(first, "a.json", "{\"commands\": [\"^(a+)+$\"]}", "[\"poststop\"]", "x");
        var subject = new HookSubject(Map.of(), "a".repeat(5_000) + "!", false);

        assertThat(hooks.matching(subject).byStage()).isEmpty();
    }
}
