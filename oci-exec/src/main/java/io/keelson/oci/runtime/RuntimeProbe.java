package io.keelson.oci.runtime;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.host.process.Command;
import io.keelson.host.process.Processes;
import io.keelson.oci.cgroup.CgroupLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Asks a runtime what it is, and knows what it does not say itself. */
final class RuntimeProbe {
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final String CRUN = "crun";

    private final Processes processes;
    private final RuntimeHandler handler;
    private final CgroupLayout layout;
    private volatile Optional<String> knownVersion = Optional.empty();

    RuntimeProbe(Processes processes, RuntimeHandler handler, CgroupLayout layout) {
        this.processes = processes;
        this.handler = handler;
        this.layout = layout;
    }

    RuntimeFeatures features() {
        try {
            knownVersion = Optional.of(askForVersion());
        } catch (Failure e) {
            return new RuntimeFeatures("", false, false, Optional.of(String.valueOf(e.getMessage())));
        }
        var version = knownVersion.orElseThrow();
        var features = askForFeatures();
        return new RuntimeFeatures(
                version,
                features.texts("mountOptions").contains("rro"),
                features.findObject("linux")
                        .flatMap(linux -> linux.findObject("mountExtensions"))
                        .flatMap(extensions -> extensions.findObject("idmap"))
                        .map(idmap -> idmap.flag("enabled"))
                        .orElse(false),
                problem(version, layout));
    }

    boolean isCrun() {
        if (knownVersion.isEmpty()) {
            knownVersion = Optional.of(askForVersion());
        }
        return knownVersion.orElseThrow().startsWith(CRUN);
    }

    /**
     * crun manages either version of control groups: in the hybrid layout it works with version 1, and refuses if version 2 has
     * taken any controller, since it would miss that one's limits.
     */
    static Optional<String> problem(String version, CgroupLayout layout) {
        if (version.startsWith(CRUN)
                && layout instanceof CgroupLayout.Hybrid(var _, var unified, var controllers)
                && !controllers.isEmpty()) {
            return Optional.of(version
                    + " cannot run containers on this node: control groups are mounted in the hybrid layout, and "
                    + unified + " has the controllers " + String.join(", ", controllers)
                    + "; boot with cgroup version 2 alone (systemd.unified_cgroup_hierarchy=1), give these controllers to version 1, "
                    + "or use runc");
        }
        return Optional.empty();
    }

    /** As in {@code crun 1.8.1}: the first line of {@code --version} without the word for it. */
    private String askForVersion() {
        var finished = processes.run(
                Command.of(handler.program().toString(), "--version").within(DEADLINE));
        if (!finished.isSuccess()) {
            throw Failure.unavailable(
                    "cannot ask " + handler.program() + " for its version: " + RuntimeComplaint.of(finished));
        }
        var text = new String(finished.stdout(), StandardCharsets.UTF_8);
        return text.lines().findFirst().orElse("").replace(" version ", " ").strip();
    }

    /** Older runtimes do not know the question; then nothing is assumed. */
    private Json.Obj askForFeatures() {
        var finished = processes.run(
                Command.of(List.of(handler.program().toString(), "features")).within(DEADLINE));
        return finished.isSuccess()
                ? Json.parseObject(finished.stdout())
                : Json.object().build();
    }
}
