package io.keelson.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.oci.cgroup.CgroupDriver;
import io.keelson.server.config.Configuration.Handler;
import io.keelson.server.config.Configuration.Runtimes;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OciRuntimesTest {
    private static final Path CRUN = Path.of("/usr/bin/crun");
    private static final Path RUNC = Path.of("/usr/sbin/runc");

    @Test
    void prefersCrunWhereNothingIsConfigured() {
        var found = OciRuntimes.find(settings("", Map.of()), Set.of(RUNC, CRUN)::contains);

        assertThat(found.programs()).isEqualTo(Map.of("crun", CRUN, "runc", RUNC));
        assertThat(found.defaultName()).contains("crun");
    }

    @Test
    void takesRuncWhereThereIsNoCrun() {
        assertThat(OciRuntimes.find(settings("", Map.of()), Set.of(RUNC)::contains)
                        .defaultName())
                .contains("runc");
    }

    @Test
    void hasNoDefaultWhereNothingIsInstalled() {
        assertThat(OciRuntimes.find(settings("", Map.of()), _ -> false).defaultName())
                .isEmpty();
    }

    @Test
    void takesOnlyWhatIsConfiguredIfAnythingIs() {
        var mine = Path.of("/opt/mine");
        var found = OciRuntimes.find(
                settings("mine", Map.of("mine", new Handler("/opt/mine"))), Set.of(CRUN, RUNC, mine)::contains);

        assertThat(found.programs()).isEqualTo(Map.of("mine", mine));
        assertThat(found.defaultName()).contains("mine");
    }

    @Test
    void refusesAHandlerWithoutAProgram() {
        assertThatThrownBy(() -> OciRuntimes.find(settings("", Map.of("mine", new Handler("/opt/mine"))), _ -> false))
                .hasMessage("runtime.handlers.mine.program: /opt/mine is not a program");
        assertThatThrownBy(() ->
                        OciRuntimes.find(settings("", Map.of("kata", new Handler(""))), Set.of(CRUN)::contains))
                .hasMessageContaining("set runtime.handlers.kata.program");
    }

    @Test
    void refusesADefaultThatIsNoHandler() {
        assertThatThrownBy(() -> OciRuntimes.find(settings("rnuc", Map.of()), Set.of(CRUN)::contains))
                .hasMessage("runtime.default_handler: there is no handler \"rnuc\"; there are crun");
    }

    private static Runtimes settings(String defaultHandler, Map<String, Handler> handlers) {
        return new Runtimes(
                defaultHandler,
                Path.of("/usr/bin/conmon"),
                Path.of("/usr/bin/catatonit"),
                CgroupDriver.CGROUPFS,
                "",
                "unix:path=/run/bus",
                handlers);
    }
}
