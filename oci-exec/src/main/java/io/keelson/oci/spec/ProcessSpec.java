package io.keelson.oci.spec;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.math.BigDecimal;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The {@code process} of {@code config.json}, which is also what the runtime's exec takes. Who the process is stands here
 * alone: runtimes have misread the same on their command line.
 */
public final class ProcessSpec {
    /** A directory below /proc may be a link to whatever the runtime has open: the way out of the container. */
    private static final Pattern PROC = Pattern.compile("/*proc(/.*)?");

    private ProcessSpec() {}

    static Json.Obj of(ProcessRequest request, Security security) {
        var process = Json.object()
                .put("terminal", request.terminal())
                .put("user", user(request.user()))
                .putTexts("args", arguments(request.arguments()))
                .putTexts("env", environment(request.environment()))
                .put("cwd", workingDirectory(request.workingDirectory()))
                .put("capabilities", capabilities(security.capabilities(), request.user()))
                .put("noNewPrivileges", security.noNewPrivileges());
        if (!request.rlimits().isEmpty()) {
            process.putAll(
                    "rlimits",
                    request.rlimits().stream().map(ProcessSpec::rlimit).toList());
        }
        request.oomScoreAdj().ifPresent(adjustment -> process.put("oomScoreAdj", adjustment));
        if (!security.privileged()) {
            security.apparmorProfile().ifPresent(profile -> process.put("apparmorProfile", profile));
        }
        security.selinuxLabel().ifPresent(label -> process.put("selinuxLabel", label));
        return process.build();
    }

    /**
     * A further process for a container, with everything of its first one but what it runs and whether it has a terminal.
     *
     * @param first the process of the container's {@code config.json}
     */
    public static Json.Obj another(Json.Obj first, List<String> arguments, boolean terminal) {
        var process = Json.object();
        first.members().forEach(process::put);
        return process.put("terminal", terminal)
                .putTexts("args", arguments(arguments))
                .build();
    }

    private static List<String> arguments(List<String> arguments) {
        if (arguments.isEmpty()) {
            throw Failure.invalid("there is no command to run");
        }
        arguments.forEach(argument -> Texts.refuseNul("argument", argument));
        return arguments;
    }

    private static List<String> environment(List<String> entries) {
        for (var entry : entries) {
            Texts.refuseNul("environment variable", entry);
            if (entry.indexOf('=') <= 0) {
                throw Failure.invalid("environment variable " + Texts.quoted(entry) + " is not of the form NAME=value");
            }
        }
        return entries;
    }

    private static String workingDirectory(String directory) {
        if (directory.isEmpty()) {
            return "/";
        }
        Texts.refuseNul("working directory", directory);
        if (!directory.startsWith("/")) {
            throw Failure.invalid("working directory " + Texts.quoted(directory) + " is not absolute");
        }
        if (PROC.matcher(Paths.normalised(directory)).matches()) {
            throw Failure.invalid("working directory " + Texts.quoted(directory) + " is below /proc");
        }
        return directory;
    }

    private static Json.Obj user(ProcessUser user) {
        return Json.object()
                .put("uid", user.uid())
                .put("gid", user.gid())
                .putAll(
                        "additionalGids",
                        user.additionalGids().stream().map(Json::number).toList())
                .build();
    }

    /** Without uid 0, what is not ambient is lost at the first execve(2) anyway; so it is never granted. */
    private static Json.Obj capabilities(CapabilitySet capabilities, ProcessUser user) {
        var held = user.isRoot() ? capabilities.granted() : capabilities.ambient();
        return Json.object()
                .putTexts("bounding", capabilities.granted())
                .putTexts("permitted", held)
                .putTexts("effective", held)
                .putTexts("inheritable", capabilities.ambient())
                .putTexts("ambient", capabilities.ambient())
                .build();
    }

    private static Json.Obj rlimit(Rlimit rlimit) {
        return Json.object()
                .put("type", rlimit.type())
                .put("soft", unsigned(rlimit.soft()))
                .put("hard", unsigned(rlimit.hard()))
                .build();
    }

    /** The specification has unsigned numbers of 64 bits; unlimited is the largest. */
    private static Json unsigned(long value) {
        return new Json.Num(new BigDecimal(Long.toUnsignedString(value)));
    }
}
