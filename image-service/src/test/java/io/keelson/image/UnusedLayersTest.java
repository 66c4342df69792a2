package io.keelson.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.image.layer.Layer;
import io.keelson.image.reference.Digest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnusedLayersTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final UnusedLayers unused = new UnusedLayers(new UnusedLayers.Policy(Duration.ofHours(1), 250));

    /** Of 100 bytes. */
    private static Layer layer(int number) {
        var digest = digest(number);
        return new Layer(digest, Path.of("/none"), 100, digest, 1, 1, false, List.of());
    }

    private static Digest digest(int number) {
        return Digest.parse("sha256:" + Integer.toString(number).repeat(64));
    }

    private List<Digest> due(Duration afterNoon, Integer... layers) {
        return unused.due(Arrays.stream(layers).map(UnusedLayersTest::layer).toList(), NOON.plus(afterNoon));
    }

    @Test
    void aLayerStaysForItsTime() {
        assertThat(due(Duration.ZERO, 1)).isEmpty();
        assertThat(due(Duration.ofMinutes(30), 1, 2)).isEmpty();
        assertThat(due(Duration.ofMinutes(60), 1, 2)).containsExactly(digest(1));
        assertThat(due(Duration.ofMinutes(90), 2)).containsExactly(digest(2));
    }

    @Test
    void theLongestUnusedGoesFirstWhereThereIsNoRoom() {
        assertThat(due(Duration.ZERO, 1)).isEmpty();
        assertThat(due(Duration.ofMinutes(1), 1, 2)).isEmpty();
        assertThat(due(Duration.ofMinutes(2), 1, 2, 3)).containsExactly(digest(1));
    }

    @Test
    void whatIsUsedBetweenBeginsAnew() {
        assertThat(due(Duration.ZERO, 1)).isEmpty();
        assertThat(due(Duration.ofMinutes(50))).isEmpty();
        assertThat(due(Duration.ofMinutes(100), 1)).isEmpty();
    }

    @Test
    void withoutAPolicyNothingStays() {
        assertThat(new UnusedLayers(UnusedLayers.Policy.NONE).due(List.of(layer(1), layer(2)), NOON))
                .containsExactlyInAnyOrder(digest(1), digest(2));
    }
}
