package io.keelson.pod.network;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.host.lifecycle.WorkListener;
import io.keelson.host.lifecycle.WorkListener.Work;
import io.keelson.host.process.Command;
import io.keelson.host.process.Finished;
import io.keelson.host.process.Processes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Runs one plugin for one verb (CNI 1.1, section 2): the request on its stdin, parameters in its environment, of which nothing
 * comes from ours, the answer on its stdout. It has a deadline, and what it prints has a limit.
 */
final class PluginRunner {
    /** The most that a plugin may answer. */
    static final int OUTPUT_LIMIT_BYTES = Command.OUTPUT_LIMIT_BYTES;

    private static final int EXCERPT_CHARS = 2048;

    private final Processes processes;
    private final List<Path> directories;
    private final Duration deadline;
    private final WorkListener work;

    PluginRunner(Processes processes, List<Path> directories, Duration deadline, WorkListener work) {
        this.processes = processes;
        this.directories = directories;
        this.deadline = deadline;
        this.work = work;
    }

    /** The program of this plugin, in the first directory that has it. */
    Optional<Path> find(String type) {
        return directories.stream()
                .map(each -> each.resolve(type))
                .filter(each -> Files.isRegularFile(each) && Files.isExecutable(each))
                .findFirst();
    }

    /** Why {@link #run} would not find it. */
    String notFound(String type) {
        return "plugin " + type + " is not in "
                + directories.stream().map(Path::toString).collect(Collectors.joining(", "));
    }

    /** As {@link #run(CniVerb, String, Json, Map, Duration)}, within the deadline of the settings. */
    byte[] run(CniVerb verb, String type, Json request, Map<String, String> parameters) {
        return run(verb, type, request, parameters, deadline);
    }

    /**
     * Returns what the plugin answered, which may be nothing.
     *
     * @param parameters beside CNI_COMMAND and CNI_PATH
     * @throws Failure UNAVAILABLE if it is missing, fails, or is late; CANCELLED when interrupted
     */
    byte[] run(CniVerb verb, String type, Json request, Map<String, String> parameters, Duration limit) {
        return work.around(
                new Work(WorkListener.Kind.PLUGIN, type, verb.name()),
                () -> call(verb, type, request, parameters, limit));
    }

    private byte[] call(CniVerb verb, String type, Json request, Map<String, String> parameters, Duration limit) {
        var program = find(type).orElseThrow(() -> Failure.unavailable(notFound(type)));
        var environment = new HashMap<>(Command.MINIMAL_ENVIRONMENT);
        environment.putAll(parameters);
        environment.put("CNI_COMMAND", verb.name());
        environment.put("CNI_PATH", directories.stream().map(Path::toString).collect(Collectors.joining(":")));
        var finished = processes.run(Command.of(program.toString())
                .withEnvironment(environment)
                .withStdin(request.toBytes())
                .within(limit)
                .limitedTo(OUTPUT_LIMIT_BYTES, OUTPUT_LIMIT_BYTES));
        var attempt = "plugin " + type + ", " + verb + ": ";
        if (finished.timedOut()) {
            throw Failure.unavailable(attempt + "no answer within " + seconds(limit) + complaint(finished));
        }
        if (finished.exitCode() != 0) {
            throw Failure.unavailable(attempt + error(finished));
        }
        if (finished.truncated() && finished.stdout().length >= OUTPUT_LIMIT_BYTES) {
            throw Failure.unavailable(attempt + "it printed more than " + OUTPUT_LIMIT_BYTES + " bytes");
        }
        return finished.stdout();
    }

    /** What a plugin that failed says: its error object (CNI 1.1, section 5, "Error"), or else the end of its output. */
    private static String error(Finished finished) {
        try {
            var error = Json.parseObject(finished.stdout());
            var details = error.textOrEmpty("details");
            return excerpt(error.text("msg") + (details.isEmpty() ? "" : "; " + details))
                    + error.findNumber("code")
                            .map(code -> " (code " + code + ")")
                            .orElse("");
        } catch (Failure e) {
            return "exit code " + finished.exitCode() + complaint(finished);
        }
    }

    private static String complaint(Finished finished) {
        var text = finished.complaint();
        return text.isEmpty() ? "" : ": " + excerpt(text);
    }

    private static String excerpt(String text) {
        return text.length() <= EXCERPT_CHARS ? text : text.substring(0, EXCERPT_CHARS) + "…";
    }

    private static String seconds(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }
}
