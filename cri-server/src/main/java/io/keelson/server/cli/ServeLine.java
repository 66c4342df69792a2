package io.keelson.server.cli;

import io.keelson.host.failure.Failure;
import io.keelson.server.config.Configuration;
import io.keelson.server.config.ConfigurationReader;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The command line of a daemon in its plain forms: {@code serve} or nothing, and {@code --config} once. picocli knows them as well, but
 * half a second of a start would be its: its classes are in a format too old for the class cache, and it builds every command. Whatever
 * is not as plain is for picocli, so that it alone says what is wrong.
 */
record ServeLine(Path file) {
    private static final String COMMAND = "serve";
    private static final String OPTION = "--config";

    /** Empty if this is another command, or anything but plain. */
    static Optional<ServeLine> of(String... arguments) {
        var words = new ArrayDeque<>(Arrays.asList(arguments));
        var file = Optional.<String>empty();
        var isServe = false;
        while (!words.isEmpty()) {
            var word = words.pop();
            if (word.equals(COMMAND) && !isServe) {
                isServe = true;
                continue;
            }
            var named = word.equals(OPTION) && !words.isEmpty() ? words.pop() : after(OPTION + "=", word);
            if (file.isPresent() || !named.startsWith("/")) {
                return Optional.empty();
            }
            file = Optional.of(named);
        }
        return Optional.of(new ServeLine(file.map(Path::of).orElse(ConfigurationReader.DEFAULT_FILE)));
    }

    private static String after(String prefix, String word) {
        return word.startsWith(prefix) ? word.substring(prefix.length()) : "";
    }

    /** Returns the exit status, as picocli has it. */
    int run(Consumer<Configuration> daemon, PrintWriter err) {
        try {
            daemon.accept(ConfigurationReader.load(file));
            return 0;
        } catch (Failure e) {
            err.println("keelson: " + e.getMessage());
        } catch (RuntimeException e) {
            e.printStackTrace(err);
        }
        return KeelsonCommand.FAILED;
    }
}
