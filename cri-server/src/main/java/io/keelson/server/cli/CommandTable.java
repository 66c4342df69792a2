package io.keelson.server.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/** All commands with what may follow them, as the command line itself knows them. */
record CommandTable(List<Row> rows) {
    /**
     * One word that may follow.
     *
     * @param takesFile another word follows it, the name of a file
     */
    record Word(String text, String help, boolean takesFile) {}

    /** @param path the words that lead to the command, from the program's name on */
    record Row(String path, List<Word> commands, List<Word> options) {
        /** Names alone, for shells that show nothing else. */
        List<String> names() {
            var names = new ArrayList<String>();
            commands.forEach(each -> names.add(each.text()));
            options.forEach(each -> names.add(each.text()));
            return names;
        }
    }

    static CommandTable of(CommandSpec program) {
        var rows = new ArrayList<Row>();
        collect(program, program.name(), rows);
        return new CommandTable(List.copyOf(rows));
    }

    private static void collect(CommandSpec command, String path, List<Row> rows) {
        var commands = command.subcommands().entrySet().stream()
                .map(each -> new Word(
                        each.getKey(),
                        help(each.getValue().getCommandSpec().usageMessage().description()),
                        false))
                .toList();
        var options = command.options().stream()
                .filter(each -> !each.hidden())
                .map(each -> new Word(each.longestName(), help(each.description()), isFile(each.paramLabel())))
                .toList();
        rows.add(new Row(path, commands, options));
        command.subcommands().forEach((name, line) -> collect(line.getCommandSpec(), path + " " + name, rows));
    }

    /** The first sentence, without what the command line would put into it. */
    private static String help(String[] description) {
        return description.length == 0 ? "" : description[0].split("[(.:]", 2)[0].strip();
    }

    private static boolean isFile(String label) {
        return label.equals("FILE");
    }
}
