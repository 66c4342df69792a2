package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.critest.Critest;
import io.keelson.e2e.critest.Spec;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Program;
import io.keelson.e2e.node.Setup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The spec that pulls by a digest. What critest asks for belongs to an image that nobody else can make; here it is a critest that
 * is built to ask for an image of ours, and is the same otherwise.
 */
class CritestDigestIT {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void thePullByDigestPassesWithADigestOfOurOwn(String handler) throws Exception {
        try (var node = Node.start(
                directory,
                TestRegistry.daemon(),
                Setup.with(TestRegistry.server()).by(handler))) {
            var critest = new Critest(
                    Files.createDirectory(directory.resolve("critest")),
                    node.place().socket(),
                    Program.required("keelson.critest.digest"));

            var specs = critest.run(1, List.of("--ginkgo.focus=public image with digest"));

            assertThat(specs)
                    .filteredOn(spec -> !spec.state().equals("skipped"))
                    .singleElement()
                    .matches(Spec::isPassed);
        }
    }
}
