package io.keelson.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.image.blob.Descriptor;
import io.keelson.image.blob.PartialBlob;
import io.keelson.image.blob.PartialBlobs;
import io.keelson.image.reference.Digest;
import io.keelson.image.transfer.LayerFetcher.Wanted;
import io.keelson.image.transfer.PullProgress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PullSpaceTest {
    private final Set<Digest> present = new HashSet<>();
    private long free = 1000;
    private long removed;
    private long parts;
    private final PullSpace space =
            new PullSpace(() -> free, () -> free += removed, diffId -> !present.contains(diffId), () -> parts);

    private static Digest layer(int number) {
        return Digest.parse("sha256:" + Integer.toString(number).repeat(64));
    }

    /** Layers 1, 2 and so on, of these sizes. */
    private static PullProgress pull(int first, long... sizes) {
        var progress = new PullProgress();
        progress.expect(Arrays.stream(sizes)
                .mapToObj(size -> new Wanted(new Descriptor("", layer(9), size), layer(first + (int) (size % 10))))
                .toList());
        return progress;
    }

    private void refused(PullProgress pull) {
        assertThatThrownBy(() -> space.reserve(pull))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.EXHAUSTED))
                .hasMessageContaining("full");
    }

    @Test
    void aPullThatFitsBesideTheOthersBegins() {
        try (var _ = space.reserve(pull(1, 400, 201))) {
            refused(pull(3, 500));
            assertThatCode(() -> space.reserve(pull(3, 390)).close()).doesNotThrowAnyException();
        }
        assertThatCode(() -> space.reserve(pull(3, 500)).close()).doesNotThrowAnyException();
    }

    @Test
    void whatIsBeingRemovedGivesItsRoomBackFirst() {
        removed = 300;
        assertThatCode(() -> space.reserve(pull(1, 1200)).close()).doesNotThrowAnyException();
    }

    @Test
    void aLayerThatTwoPullsWantCountsOnce() {
        try (var _ = space.reserve(pull(1, 700));
                var _ = space.reserve(pull(1, 700))) {
            refused(pull(2, 400));
        }
    }

    @Test
    void partsNeedRoomBesideWhatPullsSetAside(@TempDir Path directory) {
        var partials = PartialBlobs.open(directory);
        Supplier<Optional<PartialBlob>> take = () -> {
            parts += 300;
            return partials.take(layer(1), 300, 100);
        };
        try (var _ = space.reserve(pull(1, 600))) {
            try (var taken = space.forParts(take).orElseThrow()) {
                assertThat(taken.bytesFound()).isZero();
                refused(pull(2, 200));
            }
            assertThatThrownBy(() -> space.forParts(take))
                    .hasMessageContaining("its parts take at least 300 bytes more");
            // It was given back.
            assertThat(partials.outstandingBytes()).isZero();
            assertThat(partials.take(layer(1), 300, 100)).isPresent();
        }
    }

    @Test
    void whatIsHereTakesNoRoomAndNeedsNone() {
        present.add(layer(1));
        free = 0;
        assertThatCode(() -> space.reserve(pull(1, 5000)).close()).doesNotThrowAnyException();
        refused(pull(2, 10));
    }
}
