package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What new CRI runtimes usually get wrong, each with a test that names it by its tag:
 *
 * <ol>
 *   <li>an image's identity is one string everywhere;
 *   <li>what is absent is a success, or nothing, or NOT_FOUND, as the call has it;
 *   <li>a request that is repeated after its deadline finds the first one's work;
 *   <li>a clean-up does not run on the clock of the request that failed;
 *   <li>a network is detached without its namespace, too;
 *   <li>ExecSync ends with all that it started, and never the container;
 *   <li>OOMKilled is what the kernel killed;
 *   <li>ends while the daemon was down are told as they were;
 *   <li>a stop is one signal, can be shortened, and holds up nobody else;
 *   <li>lists wait for nobody;
 *   <li>mounts: order, propagation, read-only, sources;
 *   <li>users, groups and capabilities;
 *   <li>the log as kubelet reads and rotates it;
 *   <li>layers are unpacked exactly, and nothing escapes;
 *   <li>streaming: URLs, tokens, half-close, exit status after the output.
 * </ol>
 */
class TrapIndexTest {
    private static final Pattern TAG = Pattern.compile("@Tag\\(\"trap-(\\d+)\"\\)");

    @Test
    void everyTrapHasATestThatNamesIt() throws IOException {
        var named = new TreeSet<Integer>();
        for (var file : tests()) {
            TAG.matcher(Files.readString(file))
                    .results()
                    .forEach(result -> named.add(Integer.parseInt(result.group(1))));
        }

        assertThat(named)
                .isEqualTo(IntStream.rangeClosed(1, 15).boxed().collect(Collectors.toCollection(TreeSet::new)));
    }

    /** The sources of the tests of all modules. */
    private static List<Path> tests() throws IOException {
        var found = new ArrayList<Path>();
        try (var modules = Files.newDirectoryStream(Path.of("..").toRealPath(), Files::isDirectory)) {
            for (var module : modules) {
                var sources = module.resolve("src/test/java");
                if (Files.isDirectory(sources)) {
                    try (var walk = Files.walk(sources)) {
                        walk.filter(path -> path.toString().endsWith(".java")).forEach(found::add);
                    }
                }
            }
        }
        return found;
    }
}
