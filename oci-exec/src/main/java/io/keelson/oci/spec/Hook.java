package io.keelson.oci.spec;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A program that the runtime runs at some {@link HookStage} (OCI runtime specification, "POSIX-platform Hooks").
 *
 * @param path absolute
 * @param args all of them, the program's own name first; none means the path alone
 * @param env its whole environment
 * @param timeoutSeconds after which it is killed and has failed; absent: it may take as long as it likes
 */
public record Hook(String path, List<String> args, List<String> env, Optional<Long> timeoutSeconds) {
    private static final Set<String> KEYS = Set.of("path", "args", "env", "timeout");

    /** @throws Failure INVALID */
    public Hook {
        args = List.copyOf(args);
        env = List.copyOf(env);
        if (!path.startsWith("/")) {
            throw Failure.invalid("a hook's path " + Texts.quoted(path) + " is not absolute");
        }
        Texts.refuseNul("a hook's path", path);
        args.forEach(argument -> Texts.refuseNul("a hook's argument", argument));
        env.forEach(variable -> Texts.refuseNul("a hook's variable", variable));
        timeoutSeconds.filter(timeout -> timeout <= 0).ifPresent(timeout -> {
            throw Failure.invalid("a hook's timeout is " + timeout + " s, and not above 0");
        });
    }

    /** From {@code path}, {@code args}, {@code env} and {@code timeout}; nothing else may be there. */
    public static Hook fromJson(Json.Obj json) {
        json.requireOnly(KEYS);
        return new Hook(json.text("path"), json.texts("args"), json.texts("env"), json.findNumber("timeout"));
    }

    Json.Obj toJson() {
        var json = Json.object().put("path", path);
        if (!args.isEmpty()) {
            json.putTexts("args", args);
        }
        if (!env.isEmpty()) {
            json.putTexts("env", env);
        }
        timeoutSeconds.ifPresent(timeout -> json.put("timeout", timeout));
        return json.build();
    }
}
