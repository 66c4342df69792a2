package io.keelson.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Each scenario checks as many states as it says; this is about all of them. */
class CrashStatesTest {
    private static final int IN_EVERY_CHECK = 2000;

    @Test
    @Tag("K1")
    void everyCheckHasThatManyStates() {
        assertThat(PodCrashTest.IN_CHECK + ImageCrashTest.IN_CHECK).isGreaterThanOrEqualTo(IN_EVERY_CHECK);
    }
}
