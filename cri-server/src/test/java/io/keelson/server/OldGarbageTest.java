package io.keelson.server;

import static io.keelson.server.OldGarbage.threshold;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** That collecting bounds the heap is shown by a daemon that pulls (PullMemoryIT in e2e). */
class OldGarbageTest {
    private static final long MIB = 1 << 20;

    @Test
    void whatIsInUseDecidesWhenToCollectAgain() {
        assertThat(threshold(0, 118 * MIB)).isEqualTo(OldGarbage.FLOOR_BYTES);
        assertThat(threshold(20 * MIB, 118 * MIB)).isEqualTo(OldGarbage.FLOOR_BYTES);
        assertThat(threshold(60 * MIB, 118 * MIB)).isEqualTo(90 * MIB);
        assertThat(threshold(60 * MIB, -1)).isEqualTo(90 * MIB);
    }

    @Test
    void aHeapThatIsNearlyFullOfWhatIsInUseIsLeftToTheCollector() {
        assertThat(threshold(110 * MIB, 120 * MIB)).isEqualTo(105 * MIB);
        assertThat(threshold(0, 16 * MIB)).isEqualTo(14 * MIB);
    }
}
