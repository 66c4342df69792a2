package io.keelson.oci.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpecAnnotationsTest {
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
        assertThat(SpecAnnotations.filtered(Map.of(key, "x", "app", "web"), Set.of()))
                .isEqualTo(Map.of("app", "web"));
        assertThat(SpecAnnotations.filtered(Map.of(key, "x"), Set.of(key))).containsKey(key);
    }

    /** A key that is allowed says nothing of those that begin or end like it (CVE-2023-6476). */
    @Test
    @Tag("T04")
    void allowingOneKeyAllowsThatKeyAlone() {
        var allowed = Set.of("run.oci.handler");
        for (var key : new String[] {"run.oci.handler.x", "run.oci.handlers", "run.oci.handle", "run.oci.handler/c"}) {
            assertThat(SpecAnnotations.filtered(Map.of(key, "x"), allowed)).isEmpty();
        }
    }
}
