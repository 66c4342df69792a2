package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.proto.ImageSpec;
import io.keelson.proto.Mount;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How the daemon gets at what is in a container's root: by calls relative to an open directory, which can be led out of it by nothing that the
 * container or the image puts there; never by a path that would be looked up again. Needs strace(1).
 */
class RootByDescriptorIT {
    /** Where containers have their files: the root, and what they write; and what they see of images that they mount. */
    private static final String ROOTS = "/containers/[^\"<>]*/(?:rootfs|upper)";

    private static final Pattern BY_PATH = Pattern.compile("\"/[^\"]*" + ROOTS + "/[^\"]+\"");
    /** A descriptor of a root or of something in it, and a name relative to it. */
    private static final Pattern RELATIVE = Pattern.compile("\\d+<[^>]*" + ROOTS + "(?:/[^>]*)?>, \"([^\"]*)\"");
    /** proc(5): a descriptor's own name leads to what is open; what is below it is looked up. */
    private static final Pattern BELOW_DESCRIPTOR = Pattern.compile("\"/proc/(?:self|\\d+)/fd/\\d+/[^\"]+\"");

    @TempDir
    Path directory;

    @Test
    @Tag("T75")
    void nothingInARootIsReachedByItsPath() throws Exception {
        try (var scene = LifeScene.by("crun");
                var calls = new SystemCalls(LifeScene.node(), directory)) {
            var container = LifeScene.idle("traced").setWorkingDir("/made/for/it");
            container.addMounts(Mount.newBuilder()
                    .setImage(ImageSpec.newBuilder().setImage(LifeScene.BUSYBOX))
                    .setImageSubPath("bin")
                    .setContainerPath("/image")
                    .setReadonly(true));
            container.getLinuxBuilder().getSecurityContextBuilder().setRunAsUsername("root");
            var id = scene.start(container);
            assertThat(Requests.exec(LifeScene.cri(), id, "pwd").getStdout().toStringUtf8())
                    .isEqualTo("/made/for/it\n");
            Requests.stop(LifeScene.cri(), id, Duration.ZERO);
            Requests.remove(LifeScene.cri(), id);

            var seen = calls.stop();

            assertThat(seen).filteredOn(RootByDescriptorIT::mayLeadOut).isEmpty();
            assertThat(seen).as("made in the root").anyMatch(call -> call.matches("mkdirat\\(.*rootfs.*\"it\".*"));
            assertThat(seen).as("its accounts").anyMatch(call -> call.matches("openat2\\(.*rootfs.*etc/passwd\".*"));
        }
    }

    private static boolean mayLeadOut(String call) {
        var relative = RELATIVE.matcher(call);
        return BY_PATH.matcher(call).find()
                || BELOW_DESCRIPTOR.matcher(call).find()
                || (relative.find() && !isConfined(call, relative.group(1)));
    }

    private static boolean isConfined(String call, String name) {
        if (call.startsWith("openat2(")) {
            return call.contains("RESOLVE_IN_ROOT") || call.contains("RESOLVE_BENEATH");
        }
        var isOneName = !name.contains("/") && !name.equals("..");
        return isOneName && (!call.startsWith("openat(") || call.contains("O_NOFOLLOW"));
    }
}
