package io.keelson.server.cli;

import io.keelson.server.cli.CommandTable.Row;
import io.keelson.server.cli.CommandTable.Word;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Scripts by which a shell completes commands and options, made from the one table of them; file names the shell knows itself. */
enum Completion {
    BASH {
        @Override
        String script(CommandTable table) {
            return """
                    # keelson for bash: keelson completion bash > /etc/bash_completion.d/keelson
                    _keelson() {
                      local path=keelson word i
                      for ((i = 1; i < COMP_CWORD; i++)); do
                        case "$path ${COMP_WORDS[i]}" in
                          %s) path="$path ${COMP_WORDS[i]}" ;;
                        esac
                      done
                      COMPREPLY=()
                      case "${COMP_WORDS[COMP_CWORD - 1]}" in
                        %s) return ;;
                      esac
                      case "$path" in
                    %s
                      esac
                      COMPREPLY=($(compgen -W "$word" -- "${COMP_WORDS[COMP_CWORD]}"))
                    }
                    complete -o default -F _keelson keelson
                    """.formatted(
                    paths(table, "\"", "|"),
                    fileOptions(table, "|"),
                    lines(
                            table,
                            row -> "    \"%s\") word='%s' ;;".formatted(row.path(), String.join(" ", row.names()))));
        }
    },
    ZSH {
        @Override
        String script(CommandTable table) {
            return """
                    #compdef keelson
                    # keelson for zsh: keelson completion zsh > a directory of $fpath, as _keelson
                    local place=keelson i
                    local -a found
                    for ((i = 2; i < CURRENT; i++)); do
                      case "$place $words[i]" in
                        %s) place="$place $words[i]" ;;
                      esac
                    done
                    case "$words[CURRENT-1]" in
                      %s) _files; return ;;
                    esac
                    case "$place" in
                    %s
                    esac
                    _describe keelson found || _files
                    """.formatted(
                            paths(table, "\"", "|"),
                            fileOptions(table, "|"),
                            lines(table, row -> "  \"%s\") found=(%s) ;;".formatted(row.path(), described(row))));
        }

        private String described(Row row) {
            return words(row)
                    .map(word -> "'" + word.text() + ":" + plain(word.help()) + "'")
                    .collect(Collectors.joining(" "));
        }
    },
    FISH {
        @Override
        String script(CommandTable table) {
            return """
                    # keelson for fish: keelson completion fish > /etc/fish/completions/keelson.fish
                    function __keelson_is_at
                      set -l place keelson
                      for word in (commandline -opc)[2..]
                        switch "$place $word"
                          case %s
                            set place "$place $word"
                        end
                      end
                      test "$place" = "$argv"
                    end
                    %s
                    """.formatted(
                    paths(table, "'", " "),
                    lines(table, row -> words(row).map(word -> line(row, word)).collect(Collectors.joining("\n"))));
        }

        private String line(Row row, Word word) {
            var what = word.text().startsWith("--")
                    ? "-l " + word.text().substring(2) + (word.takesFile() ? " -r -F" : "")
                    : word.text().startsWith("-") ? "-s " + word.text().substring(1) : "-f -a " + word.text();
            return "complete -c keelson -n \"__keelson_is_at %s\" %s -d '%s'"
                    .formatted(row.path(), what, plain(word.help()));
        }
    };

    abstract String script(CommandTable table);

    private static String paths(CommandTable table, String quote, String between) {
        return table.rows().stream()
                .skip(1)
                .map(row -> quote + row.path() + quote)
                .collect(Collectors.joining(between));
    }

    private static String fileOptions(CommandTable table, String between) {
        return table.rows().stream()
                .flatMap(row -> row.options().stream())
                .filter(Word::takesFile)
                .map(Word::text)
                .distinct()
                .collect(Collectors.joining(between));
    }

    private static String lines(CommandTable table, Function<Row, String> line) {
        return table.rows().stream().map(line).collect(Collectors.joining("\n"));
    }

    static Stream<Word> words(Row row) {
        return Stream.of(row.commands(), row.options()).flatMap(List::stream);
    }

    /** Without what a shell or its description would take for its own. */
    static String plain(String help) {
        return help.replaceAll("['\"\\\\$`:\\[\\]]", "");
    }
}
