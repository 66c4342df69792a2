package io.keelson.host.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("T49")
class KeptOutputTest {
    private static final int MANY = 1_000_000;

    private int shared;

    private KeptOutput kept(int limitBytes, int shareBytes) {
        return new KeptOutput(limitBytes, more -> {
            if (shared + more > shareBytes) {
                return false;
            }
            shared += more;
            return true;
        });
    }

    @Test
    void isWhatWasPrintedInPiecesOfAnySize() {
        var random = new Random(1);
        var all = new byte[MANY];
        random.nextBytes(all);
        var kept = kept(MANY, Integer.MAX_VALUE);
        for (var done = 0; done < all.length; ) {
            var length = Math.min(1 + random.nextInt(70_000), all.length - done);
            assertThat(kept.add(ByteBuffer.wrap(all, done, length))).isTrue();
            done += length;
        }

        assertThat(kept.toByteArray()).isEqualTo(all);
        assertThat(kept.add(ByteBuffer.wrap(all, 0, 1))).isFalse();
        assertThat(kept.toByteArray()).isEqualTo(all);
    }

    @Test
    void takesNothingOfAShareForLittle() {
        var kept = kept(MANY, 0);

        assertThat(kept.add(ByteBuffer.allocate(KeptOutput.FREE_BYTES))).isTrue();
        assertThat(shared).isZero();
        assertThat(kept.add(ByteBuffer.allocate(1))).isFalse();
        assertThat(kept.toByteArray()).hasSize(KeptOutput.FREE_BYTES);
    }

    /** What is kept is a beginning: nothing of what follows a gap. */
    @Test
    void staysCutOffWhereItsShareOnceEnded() {
        var kept = kept(MANY, 100_000);
        assertThat(kept.add(ByteBuffer.allocate(MANY))).isFalse();
        var length = kept.toByteArray().length;
        shared = 0;

        assertThat(kept.add(ByteBuffer.allocate(1))).isFalse();
        assertThat(kept.toByteArray()).hasSize(length);
        assertThat(length).isBetween(KeptOutput.FREE_BYTES, 100_000 + KeptOutput.FREE_BYTES);
    }
}
