package io.keelson.oci.runtime;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.host.process.Command;
import io.keelson.host.process.Processes;
import io.keelson.oci.cgroup.CgroupLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Asks a runtime what it is, and knows what it does not say itself. */
final class RuntimeProbe {
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final String CRUN = "crun";
    private static final Pattern CRUN_VERSION = Pattern.compile("crun (\\d{1,6})(?:\\.(\\d{1,6}))?(?:\\.(\\d{1,6}))?");

    private final Processes processes;
    private final RuntimeHandler handler;
    private final CgroupLayout layout;
    private volatile Optional<String> knownVersion = Optional.empty();
    private volatile Optional<RuntimeFeatures> knownFeatures = Optional.empty();

    RuntimeProbe(Processes processes, RuntimeHandler handler, CgroupLayout layout) {
        this.processes = processes;
        this.handler = handler;
        this.layout = layout;
    }

    /** Asked once; a runtime that did not answer is asked again. */
    RuntimeFeatures features() {
        if (knownFeatures.isPresent()) {
            return knownFeatures.get();
        }
        try {
            var features = ask();
            knownFeatures = Optional.of(features);
            return features;
        } catch (Failure e) {
            return RuntimeFeatures.none(String.valueOf(e.getMessage()));
        }
    }

    private RuntimeFeatures ask() {
        var version = askForVersion();
        knownVersion = Optional.of(version);
        var problem = problem(version, layout);
        return askForFeatures().map(said -> said(said, version, problem)).orElseGet(() -> unsaid(version, problem));
    }

    /** "Feature structure" of the OCI runtime specification. */
    private static RuntimeFeatures said(Json.Obj features, String version, Optional<String> problem) {
        return new RuntimeFeatures(
                version,
                features.texts("mountOptions").contains("rro"),
                features.findObject("linux")
                        .flatMap(linux -> linux.findObject("mountExtensions"))
                        .flatMap(extensions -> extensions.findObject("idmap"))
                        .map(idmap -> idmap.flag("enabled"))
                        .orElse(false),
                true,
                problem);
    }

    /**
     * Older runtimes do not know the question. crun has had {@code rro} since 1.4, and mapped ids the way round that the
     * specification says since 1.8.1; in a user namespace it copies the source of a bind mount alone, without what is below it and
     * without propagation. Of others nothing is assumed.
     */
    static RuntimeFeatures unsaid(String version, Optional<String> problem) {
        return new RuntimeFeatures(
                version, isCrunSince(version, 1, 4, 0), isCrunSince(version, 1, 8, 1), false, problem);
    }

    private static boolean isCrunSince(String version, int... since) {
        var matcher = CRUN_VERSION.matcher(version);
        if (!matcher.lookingAt()) {
            return false;
        }
        var parts = new int[since.length];
        for (var i = 0; i < since.length; i++) {
            parts[i] = matcher.group(i + 1) == null ? 0 : Integer.parseInt(matcher.group(i + 1));
        }
        return Arrays.compare(parts, since) >= 0;
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

    private Optional<Json.Obj> askForFeatures() {
        var finished = processes.run(
                Command.of(List.of(handler.program().toString(), "features")).within(DEADLINE));
        return finished.isSuccess() ? Optional.of(Json.parseObject(finished.stdout())) : Optional.empty();
    }
}
