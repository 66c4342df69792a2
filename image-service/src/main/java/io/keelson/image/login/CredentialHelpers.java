package io.keelson.image.login;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.host.process.Command;
import io.keelson.host.process.Finished;
import io.keelson.host.process.Processes;
import io.keelson.image.registry.Credentials;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Programs that know credentials: {@code docker-credential-<name> get} reads a server's name and prints who to be there. They run
 * in an environment of their own, for as long as they may, and what they print is in no message.
 */
public final class CredentialHelpers {
    /** Most that one may print. */
    static final int MAX_OUTPUT_BYTES = 64 * 1024;
    /** What it says when it knows none, by its protocol. */
    private static final String NOT_FOUND = "credentials not found";
    /** Instead of a user's name: what follows is a token. */
    private static final String TOKEN = "<token>";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    private final Processes processes;
    private final List<Path> directories;
    private final Duration timeout;

    /** @param directories where they are looked for; the first hit counts */
    public CredentialHelpers(Processes processes, List<Path> directories, Duration timeout) {
        this.processes = processes;
        this.directories = List.copyOf(directories);
        this.timeout = timeout;
    }

    /**
     * @return {@link Credentials#NONE} if it knows none
     * @throws Failure INVALID if there is no such program or its answer cannot be understood, UNAVAILABLE if it fails
     */
    Credentials ask(String name, String server) {
        var program = program(name);
        var finished = processes.run(Command.of(program.toString(), "get")
                .withStdin(server.getBytes(StandardCharsets.UTF_8))
                .within(timeout)
                .limitedTo(MAX_OUTPUT_BYTES, MAX_OUTPUT_BYTES));
        if (finished.timedOut()) {
            throw Failure.unavailable(program + " did not answer within " + timeout.toSeconds() + " s");
        }
        if (finished.truncated()) {
            throw Failure.invalid(program + " printed more than " + MAX_OUTPUT_BYTES + " bytes");
        }
        return finished.isSuccess() ? credentials(program, finished.stdout()) : none(program, finished);
    }

    /** @throws Failure INVALID if there is no such program */
    void check(String name) {
        var _ = program(name);
    }

    private Path program(String name) {
        if (!NAME.matcher(name).matches()) {
            throw Failure.invalid("\"" + name + "\" is no name of a credential helper");
        }
        var file = "docker-credential-" + name;
        return directories.stream()
                .map(directory -> directory.resolve(file))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> Failure.invalid("there is no program " + file + " in " + directories));
    }

    private static Credentials none(Path program, Finished finished) {
        var said = new String(finished.stdout(), StandardCharsets.UTF_8) + finished.complaint();
        if (said.contains(NOT_FOUND)) {
            return Credentials.NONE;
        }
        throw Failure.unavailable(program + " ended with code " + finished.exitCode());
    }

    private static Credentials credentials(Path program, byte[] output) {
        String user;
        String secret;
        try {
            var answer = Json.parseObject(output);
            user = answer.textOrEmpty("Username");
            secret = answer.textOrEmpty("Secret");
        } catch (Failure e) {
            // The cause is left out: it quotes what was printed.
            throw Failure.invalid(program + " printed something else than credentials");
        }
        if (secret.isEmpty()) {
            return Credentials.NONE;
        }
        return user.equals(TOKEN) ? new Credentials("", "", secret, "", "") : Credentials.basic(user, secret);
    }
}
