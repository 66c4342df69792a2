package io.keelson.pod.stats;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.oci.cgroup.CgroupLayout;
import io.keelson.oci.cgroup.Cgroups;
import io.keelson.oci.cgroup.GroupCounter;
import io.keelson.pod.LifeListener.Change;
import io.keelson.pod.PodId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A group of plain files, which tell another number as soon as somebody could read it. */
class MeterTest {
    private static final PodId POD = new PodId("a".repeat(64));

    private final FakeTime time = new FakeTime();

    @TempDir
    Path root;

    private Meters meters;

    @BeforeEach
    void open() throws IOException {
        meters = new Meters(new Cgroups(new CgroupLayout.Unified(root)), time.moments());
        Files.createDirectories(root.resolve("group"));
        use(1);
    }

    @AfterEach
    void close() {
        meters.close();
    }

    private Meter meter() {
        return meters.of(POD.hex(), "/group");
    }

    private void use(long micros) throws IOException {
        Files.writeString(root.resolve("group/cpu.stat"), "usage_usec " + micros + "\n");
        Files.writeString(root.resolve("group/pids.current"), micros + "\n");
    }

    private static long micros(Reading reading) {
        return reading.usage().cpuNanos().orElseThrow() / 1000;
    }

    @Test
    void whoComesAMomentLaterIsToldOfTheSameReadingAndWhenItWasMade() throws IOException {
        var first = meter().recent();
        use(2);
        time.pass(Moments.RECENT);
        var second = meter().recent();

        assertThat(micros(second)).isEqualTo(1);
        assertThat(second.at()).isEqualTo(first.at()).isEqualTo(Instant.EPOCH);
    }

    @Test
    void aReadingIsNotToldForLongerBecauseSomebodyAsked() throws IOException {
        meter().recent();
        use(2);
        time.pass(Moments.RECENT);
        meter().recent();
        time.pass(Duration.ofNanos(1));
        var late = meter().recent();

        assertThat(micros(late)).isEqualTo(2);
        assertThat(late.at()).isEqualTo(time.now());
    }

    @Test
    void whoWantsToKnowItNowReadsItAnewAndForThoseWhoComeThen() throws IOException {
        meter().recent();
        use(2);
        assertThat(micros(meter().read())).isEqualTo(2);
        use(3);
        assertThat(micros(meter().recent())).isEqualTo(2);
    }

    @Test
    void aFileThatNobodyAskedForIsReadOnceThenToo() throws IOException {
        var reading = meter().recent();
        use(2);
        assertThat(reading.look().find(GroupCounter.THREADS)).hasValue(2);
        use(3);
        assertThat(meter().recent().look().find(GroupCounter.THREADS)).hasValue(2);
    }

    @Test
    void aGroupThatIsNotThereYetIsLookedForEachTime() throws IOException {
        var other = meters.of("other", "/other");
        assertThat(other.recent().usage().isEmpty()).isTrue();
        Files.createDirectories(root.resolve("other"));
        Files.writeString(root.resolve("other/cpu.stat"), "usage_usec 5\n");

        assertThat(micros(other.recent())).isEqualTo(5);
    }

    @Test
    void theRateGoesWithTheReading() throws IOException {
        meter().recent();
        time.pass(Duration.ofSeconds(2));
        use(1_000_001);
        var reading = meter().recent();
        time.pass(Duration.ofMillis(50));

        assertThat(reading.cpuRate()).hasValue(500_000_000);
        assertThat(meter().recent().cpuRate()).hasValue(500_000_000);
        assertThat(meter().read().cpuRate()).hasValue(487_804_878);
    }

    @Test
    void whatWeDidOurselvesIsInTheNextAnswer() throws IOException {
        meter().recent();
        use(2);
        meters.containerChanged(Change.STARTED, "c", POD);
        assertThat(micros(meter().recent())).isEqualTo(2);

        var container = meters.of("c", "/group");
        container.recent();
        use(3);
        meters.containerChanged(Change.STARTED, "c", POD);
        assertThat(micros(container.recent())).isEqualTo(3);
        use(4);
        meters.containerChanged(Change.STOPPED, "c", POD);
        assertThat(micros(meter().recent())).isEqualTo(4);
    }

    @Test
    void theSamplerKeepsWhatIsRecentAndNothingElse() throws IOException {
        meter().recent();
        use(2);
        meter().sample();
        assertThat(micros(meter().recent())).isEqualTo(1);
        time.pass(Moments.RECENT.plusNanos(1));
        meter().sample();
        // Only a clock that goes back could tell of it again.
        time.pass(Duration.ofNanos(-1));
        assertThat(micros(meter().recent())).isEqualTo(2);
    }
}
