package io.keelson.oci.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuntimeProbeTest {
    @ParameterizedTest
    @CsvSource({
        "crun 1.3, false, false",
        "crun 1.4, true, false",
        "crun 1.4.5, true, false",
        "crun 1.8, true, false",
        "crun 1.8.1, true, true",
        "crun 1.10, true, true",
        "crun 2, true, true",
        "crun UNKNOWN, false, false",
        "runc 1.1.5, false, false",
        "'', false, false"
    })
    void ofAnOldRuntimeOnlyWhatIsCertainIsAssumed(String version, boolean recursive, boolean mapped) {
        assertThat(RuntimeProbe.unsaid(version, Optional.empty()))
                .isEqualTo(new RuntimeFeatures(version, recursive, mapped, false, Optional.empty()));
    }
}
