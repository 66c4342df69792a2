package io.keelson.image.blob;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.image.reference.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartialBlobsTest {
    private static final Digest DIGEST = Digest.of("sha256", new byte[] {1});
    private static final int SIZE = 25;
    private static final int PART = 10;

    @TempDir
    Path directory;

    /** Brings the next part. */
    private static void bring(PartialBlob blob) {
        var part = blob.claim(0).orElseThrow();
        var bytes = new byte[(int) (blob.to(part) - blob.from(part))];
        Arrays.fill(bytes, (byte) ('a' + part));
        try (var writer = blob.writer(part)) {
            writer.write(bytes, bytes.length);
        }
        blob.finish(part);
    }

    private static PartialBlob take(PartialBlobs partials) {
        return partials.take(DIGEST, SIZE, PART).orElseThrow();
    }

    private List<String> files() throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    @Test
    void partsAreThereAgainWhenNobodyClosedThem() {
        bring(take(PartialBlobs.open(directory)));

        try (var again = take(PartialBlobs.open(directory))) {
            assertThat(again.bytesFound()).isEqualTo(PART);
            assertThat(again.claim(0)).hasValue(1);
        }
    }

    @Test
    void theLastPartIsAsLongAsWhatIsLeft() throws IOException {
        try (var blob = take(PartialBlobs.open(directory));
                var reader = blob.reader()) {
            bring(blob);
            bring(blob);
            bring(blob);

            var bytes = new byte[SIZE];
            for (var position = 0; position < SIZE; ) {
                position += blob.read(reader, position, bytes, position, SIZE - position);
            }
            assertThat(new String(bytes, StandardCharsets.US_ASCII)).isEqualTo("aaaaaaaaaabbbbbbbbbbccccc");
            assertThat(blob.claim(0)).isEmpty();
        }
    }

    @Test
    void whatIsHereAndWhatWillComeIsCounted() {
        var partials = PartialBlobs.open(directory);
        try (var blob = take(partials)) {
            assertThat(partials.usedBytes()).isZero();
            assertThat(partials.outstandingBytes()).isEqualTo(SIZE);
            bring(blob);
            bring(blob);
            assertThat(partials.usedBytes()).isEqualTo(2 * PART);
            assertThat(partials.outstandingBytes()).isEqualTo(SIZE - 2 * PART);
        }
        assertThat(partials.usedBytes()).isEqualTo(2 * PART);
        assertThat(partials.outstandingBytes()).isZero();

        var reopened = PartialBlobs.open(directory);
        assertThat(reopened.usedBytes()).isEqualTo(2 * PART);
        try (var blob = take(reopened)) {
            bring(blob);
            assertThat(reopened.usedBytes()).isEqualTo(SIZE);
            blob.discard();
        }
        assertThat(reopened.usedBytes()).isZero();

        take(partials).close();
        partials.removeUnused();
        assertThat(partials.usedBytes()).isZero();
    }

    @Test
    void oneBlobIsBroughtByOneAtATime() {
        var partials = PartialBlobs.open(directory);
        try (var _ = take(partials)) {
            assertThat(partials.take(DIGEST, SIZE, PART)).isEmpty();
        }
        take(partials).close();
    }

    @Test
    void whatIsDiscardedOrNeverCameLeavesNothing() throws IOException {
        var partials = PartialBlobs.open(directory);
        take(partials).close();
        try (var blob = take(partials)) {
            bring(blob);
            blob.discard();
        }

        assertThat(files()).isEmpty();
    }

    @Test
    void aBlobOfAnotherSizeOrWithADamagedRecordBeginsAnew() throws IOException {
        try (var blob = take(PartialBlobs.open(directory))) {
            bring(blob);
        }
        try (var other =
                PartialBlobs.open(directory).take(DIGEST, SIZE + 1, PART).orElseThrow()) {
            assertThat(other.bytesFound()).isZero();
            bring(other);
        }
        var record = directory.resolve("sha256-" + DIGEST.hex() + ".json");
        for (var damaged :
                List.of("", "{}", "{\"version\":1", Files.readString(record).replace("\"to\":1", "\"to\":99"))) {
            Files.writeString(record, damaged);

            try (var anew = take(PartialBlobs.open(directory))) {
                assertThat(anew.bytesFound()).as(damaged).isZero();
                bring(anew);
            }
        }
    }

    @Test
    void whatNobodyComesBackToIsRemoved() throws IOException {
        try (var blob = take(PartialBlobs.open(directory))) {
            bring(blob);
        }
        var lost = Files.createFile(directory.resolve("sha256-" + "0".repeat(64) + ".data"));
        var record = directory.resolve("sha256-" + DIGEST.hex() + ".json");

        PartialBlobs.open(directory);
        assertThat(lost).doesNotExist();
        assertThat(files()).hasSize(2);

        Files.setLastModifiedTime(record, FileTime.from(Instant.now().minus(PartialBlobs.KEPT_FOR.plusMinutes(1))));
        PartialBlobs.open(directory);
        assertThat(files()).isEmpty();
    }

    @Test
    void whatIsBeingFetchedIsNotRemoved() throws IOException {
        var partials = PartialBlobs.open(directory);
        try (var blob = take(partials)) {
            bring(blob);

            partials.removeUnused();

            assertThat(files()).hasSize(2);
        }
        partials.removeUnused();
        assertThat(files()).isEmpty();
    }
}
