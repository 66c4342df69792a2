package io.keelson.oci.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpecAnnotationsTest {
    private static final Map<String, String> IDENTITY = Map.of("io.kubernetes.cri.sandbox-id", "ours");

    @ParameterizedTest
    @Tag("T04")
    @ValueSource(
            strings = {
                "org.systemd.property.ExecStopPost",
                "org.systemd.property.",
                "run.oci.handler",
                "run.oci.hooks.stdout",
                "run.oci.keep_original_groups",
                "run.oci.seccomp.receiver",
                "run.oci.mount_context_type",
                "org.criu.config",
                "bundle",
                "module.wasm.image/variant",
                "krun.cpus",
                "io.containers.trace-syscall"
            })
    void whatSteersARuntimeDoesNotReachIt(String key) {
        assertThat(SpecAnnotations.of(Map.of(key, "x", "app", "web"), Set.of(), Map.of()))
                .isEqualTo(Map.of("app", "web"));
        assertThat(SpecAnnotations.of(Map.of(key, "x"), Set.of(key), Map.of())).containsKey(key);
    }

    /** A key that is allowed says nothing of those that begin or end like it (CVE-2023-6476). */
    @Test
    @Tag("T04")
    void allowingOneKeyAllowsThatKeyAlone() {
        var allowed = Set.of("run.oci.handler");
        for (var key : new String[] {"run.oci.handler.x", "run.oci.handlers", "run.oci.handle", "run.oci.handler/c"}) {
            assertThat(SpecAnnotations.of(Map.of(key, "x"), allowed, Map.of())).isEmpty();
        }
    }

    @Test
    void whatNobodyActsOnIsPassedOnAndOursComesToIt() {
        assertThat(SpecAnnotations.of(Map.of("a/b", "c"), Set.of(), IDENTITY))
                .isEqualTo(Map.of("a/b", "c", "io.kubernetes.cri.sandbox-id", "ours"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "io.kubernetes.cri.sandbox-id",
                "io.kubernetes.cri.container-type",
                "io.kubernetes.cri.made-up",
                "io.kubernetes.cri-o.ContainerType",
                "io.keelson.anything"
            })
    void whoseContainerItIsOnlyWeSay(String key) {
        assertThat(SpecAnnotations.of(Map.of(key, "theirs"), Set.of(), IDENTITY))
                .isEqualTo(IDENTITY);
    }

    @Test
    void notEvenAnAllowedKeyBeatsOurs() {
        assertThat(SpecAnnotations.of(
                        Map.of("io.kubernetes.cri.sandbox-id", "theirs"),
                        Set.of("io.kubernetes.cri.sandbox-id"),
                        IDENTITY))
                .isEqualTo(IDENTITY);
    }
}
