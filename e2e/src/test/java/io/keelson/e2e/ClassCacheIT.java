package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keelson.e2e.node.Keelson;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Program;
import io.keelson.e2e.node.Setup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A start takes its classes from the cache: what training does not meet would be read from jars, and nobody would notice. */
class ClassCacheIT {
    /** What is loaded only where something of the machine is amiss; a part that training does not meet has more. */
    private static final int FOR_TROUBLE = 10;

    @TempDir
    Path directory;

    @Test
    void hasAllOfStart() throws Exception {
        assumeTrue(
                Files.isDirectory(Path.of(Program.required("keelson.home"), "aot")),
                "the program directory was made without a class cache");
        var loaded = directory.resolve("loaded");
        try (var node = Node.start(Files.createDirectory(directory.resolve("node")), new Keelson(), Setup.bare())) {
            node.kill();
            node.restart(Map.of("JDK_JAVA_OPTIONS", "-Xlog:class+load:file=" + loaded));
            var classes = Files.readAllLines(loaded);
            assertThat(classes)
                    .filteredOn(line -> line.contains(" io.keelson.server.Daemon "))
                    .singleElement()
                    .asString()
                    .contains("shared objects file");
            assertThat(classes)
                    .filteredOn(line -> line.contains(" io.keelson.") || line.contains(" picocli."))
                    .filteredOn(line -> line.contains("source: file:"))
                    .hasSizeLessThan(FOR_TROUBLE);
        }
    }
}
