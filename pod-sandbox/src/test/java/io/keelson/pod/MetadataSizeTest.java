package io.keelson.pod;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("T60")
class MetadataSizeTest {
    @Test
    void isLimitedForLabelsAndAnnotationsTogether() {
        var half = "x".repeat(MetadataSize.MOST_BYTES / 2 - 1);

        assertThatCode(() -> MetadataSize.check(Map.of("a", half), Map.of("b", half)))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> MetadataSize.check(Map.of("a", half), Map.of("bc", half)))
                .hasMessageContaining("annotations of 1048577 bytes");
    }

    @Test
    void countsBytesNotCharacters() {
        assertThatThrownBy(() -> MetadataSize.check(Map.of(), Map.of("a", "ä".repeat(MetadataSize.MOST_BYTES / 2))))
                .hasMessageContaining("more than");
    }
}
