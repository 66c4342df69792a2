package io.keelson.server.explain;

import io.keelson.host.disk.DropIns;
import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which file of the hook directories names which program. */
final class HookPrograms {
    private static final int MAX_BYTES = 1 << 20;

    private HookPrograms() {}

    static Map<String, Path> in(List<Path> directories) {
        var programs = new HashMap<String, Path>();
        for (var directory : directories) {
            for (var file : DropIns.files(directory, List.of(".json"))) {
                try {
                    programs.put(
                            Json.parseObject(DurableFiles.read(file, MAX_BYTES))
                                    .object("hook")
                                    .text("path"),
                            file);
                } catch (Failure e) {
                    // No container is created with such a file: it is none's source.
                }
            }
        }
        return programs;
    }
}
