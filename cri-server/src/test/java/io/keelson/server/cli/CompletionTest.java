package io.keelson.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** By the shells themselves. */
class CompletionTest {
    @TempDir
    Path directory;

    private static String script(String shell) {
        var out = new StringWriter();
        var command = new KeelsonCommand("0", _ -> {});
        assertThat(command.run(new PrintWriter(out), new PrintWriter(out), "completion", shell))
                .isZero();
        return out.toString();
    }

    private String shell(String program, String... arguments) throws Exception {
        var line = new ArrayList<>(List.of(program));
        line.addAll(List.of(arguments));
        var process = new ProcessBuilder(line)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    /** What bash offers for the last of the words, of which the first is the program. */
    private List<String> offered(String... words) throws Exception {
        var script = Files.writeString(directory.resolve("script"), script("bash"));
        var complete = """
                set -eu
                source "$1"
                function_name=$(complete -p keelson | sed 's/.*-F \\([^ ]*\\).*/\\1/')
                shift
                COMP_WORDS=("$@")
                COMP_CWORD=$(($# - 1))
                "$function_name"
                printf '%s\\n' "${COMPREPLY[@]-}"
                """;
        var line = new ArrayList<>(List.of("-c", complete, "bash", script.toString()));
        line.addAll(List.of(words));
        return shell("bash", line.toArray(String[]::new)).lines().toList();
    }

    @Test
    void offersCommandsAndOptions() throws Exception {
        assertThat(offered("keelson", ""))
                .contains(
                        "serve", "version", "config", "image", "doctor", "completion", "explain", "--config", "--help");
        assertThat(offered("keelson", "do")).containsExactly("doctor");
        assertThat(offered("keelson", "image", "")).contains("pull", "verify").doesNotContain("serve");
        assertThat(offered("keelson", "image", "ver")).containsExactly("verify");
        assertThat(offered("keelson", "doctor", "--j")).containsExactly("--json");
        assertThat(offered("keelson", "--config", "a.toml", "image", "exp")).containsExactly("explain", "export");
        assertThat(offered("keelson", "image", "export", "--f")).containsExactly("--format");
    }

    /** Nothing of ours: bash goes on to files then. */
    @Test
    void leavesFilesToBash() throws Exception {
        assertThat(offered("keelson", "--config", "do")).allMatch(String::isEmpty);
        assertThat(script("bash")).contains("complete -o default -F");
    }

    /** A terminal with zsh in it, since it completes in no other place; the second key shows what the line has become. */
    private String typedInZsh(String words) throws Exception {
        Files.writeString(directory.resolve("_keelson"), script("zsh"));
        Files.writeString(directory.resolve(".zshrc"), """
                fpath=($ZDOTDIR $fpath)
                autoload -Uz compinit && compinit -u -D
                show() { print -r -- "<<$BUFFER>>"; zle send-break }
                zle -N show
                bindkey '^X' show
                bindkey '^I' complete-word
                """);
        return shell("timeout", "60", "zsh", "-f", "-c", """
                zmodload zsh/zpty
                zpty shell env ZDOTDIR=$1 TERM=dumb zsh -i
                zpty -w -n shell $2$'\\t\\C-x'
                zpty -r -m shell answer '*<<*>>*'
                print -r -- "${${answer##*<<}%%>>*}"
                zpty -d shell
                """, "zsh", directory.toString(), words)
                .stripTrailing();
    }

    @Test
    void zshCompletesWhatIsTyped() throws Exception {
        requireInstalled("zsh");
        assertThat(typedInZsh("keelson im")).isEqualTo("keelson image");
        assertThat(typedInZsh("keelson image ver")).isEqualTo("keelson image verify");
        assertThat(typedInZsh("keelson doctor --j")).isEqualTo("keelson doctor --json");
        assertThat(typedInZsh("keelson image ser")).as("of another place").isEqualTo("keelson image ser");
    }

    private List<String> offeredByFish(String words) throws Exception {
        var script = Files.writeString(directory.resolve("script"), script("fish"));
        var complete = "source $argv[1]; complete -C $argv[2]";
        return shell("fish", "--no-config", "-c", complete, script.toString(), words)
                .lines()
                .map(line -> line.split("\t", 2)[0])
                .toList();
    }

    @Test
    void fishOffersWhatMayFollow() throws Exception {
        requireInstalled("fish");
        assertThat(offeredByFish("keelson im")).containsExactly("image");
        assertThat(offeredByFish("keelson image ver")).containsExactly("verify");
        assertThat(offeredByFish("keelson doctor --j")).containsExactly("--json");
        assertThat(offeredByFish("keelson image ")).contains("pull", "verify").doesNotContain("serve");
    }

    private static void requireInstalled(String shell) {
        assumeThat(Path.of("/usr/bin", shell))
                .as(shell + " is not installed: its script is not read by it here")
                .exists();
    }

    @ParameterizedTest
    @ValueSource(strings = {"BASH", "zsh", "fish"})
    void isMadeForEveryShellFromTheSameTable(String shell) {
        assertThat(script(shell)).contains("keelson image", "verify", "doctor", "json");
    }
}
