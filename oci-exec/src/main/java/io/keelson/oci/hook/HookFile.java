package io.keelson.oci.hook;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.oci.spec.Hook;
import io.keelson.oci.spec.HookStage;
import io.keelson.oci.spec.Hooks;
import io.keelson.oci.spec.Texts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** One hook, and which containers get it at which stages: a file of version 1.0.0 (oci-hooks(5)). */
record HookFile(Hook hook, HookCondition when, Set<HookStage> stages) {
    private static final int MAX_BYTES = 1024 * 1024;
    private static final String VERSION = "1.0.0";
    private static final Set<String> KEYS = Set.of("version", "hook", "when", "stages");

    /**
     * Absent if the file is gone by now.
     *
     * @throws Failure INVALID if it is not understood, or its program is not there
     */
    static Optional<HookFile> find(Path file) {
        return DurableFiles.find(file, MAX_BYTES).map(bytes -> parse(Json.parseObject(bytes)));
    }

    private static HookFile parse(Json.Obj json) {
        var version = json.text("version");
        if (!version.equals(VERSION)) {
            throw Failure.invalid("version " + Texts.quoted(version) + " is not known; " + VERSION + " is");
        }
        json.requireOnly(KEYS);
        var file = new HookFile(
                Hook.fromJson(json.object("hook")), HookCondition.fromJson(json.object("when")), stages(json));
        file.requireProgram();
        return file;
    }

    private static Set<HookStage> stages(Json.Obj json) {
        var stages = EnumSet.noneOf(HookStage.class);
        json.texts("stages")
                .forEach(stage -> stages.add(HookStage.find(stage)
                        .orElseThrow(() -> Failure.invalid("there is no stage " + Texts.quoted(stage)))));
        if (stages.isEmpty()) {
            throw Failure.invalid("\"stages\" is missing or empty");
        }
        return stages;
    }

    /** At one stage alone the program is the container's: whether it is there, nobody can tell from here. */
    private void requireProgram() {
        if (!stages.equals(Set.of(HookStage.START_CONTAINER)) && !Files.isExecutable(Path.of(hook.path()))) {
            throw Failure.invalid("its program " + Texts.quoted(hook.path()) + " is not there, or no program");
        }
    }

    Hooks hooks() {
        return stages.stream().map(stage -> Hooks.of(stage, hook)).reduce(Hooks.NONE, Hooks::plus);
    }
}
