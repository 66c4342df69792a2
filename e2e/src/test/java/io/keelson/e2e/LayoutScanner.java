package io.keelson.e2e;

import io.keelson.e2e.node.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * What a scanner for vulnerable packages sees of the one image in an OCI image layout: Syft's and Grype's own reader puts its layers
 * together.
 *
 * @param id of the image
 * @param contents of a file
 */
record LayoutScanner(String id, String contents) {
    /** @param file its whole path in the image */
    static LayoutScanner look(Path scratch, Path layout, String file) throws IOException, InterruptedException {
        var program = Program.run(scratch, List.of(Path.of("tools", "build").toString(), "scanner"))
                .expectSuccess();
        var said = Program.run(scratch, List.of(program, layout.toString(), file))
                .expectSuccess()
                .split("\n", 2);
        return new LayoutScanner(said[0], said[1]);
    }
}
