package io.keelson.image.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.NativeMemory;
import io.keelson.image.compression.Decompressor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HashedSourceTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final NativeMemory memory = new NativeMemory();
    private final AtomicInteger filled = new AtomicInteger();
    private final StageTimes times = new StageTimes();

    @AfterEach
    void close() {
        memory.close();
    }

    /** What unpacks on the other thread; may wait, and fail. */
    private interface Filling {
        boolean fill(int number, ByteBuffer out) throws IOException;
    }

    private HashedSource source(Filling filling, long limitBytes) {
        var decompressor = new Decompressor() {
            @Override
            public boolean fill(ByteBuffer out) throws IOException {
                var more = filling.fill(filled.get(), out);
                filled.incrementAndGet();
                return more;
            }

            @Override
            public void close() {}
        };
        return new HashedSource(decompressor, "sha256", limitBytes, times, memory);
    }

    /** The piece of this number: full of it, but for its own length. */
    private static boolean piece(int number, ByteBuffer out) {
        var bytes = new byte[out.remaining() - number];
        Arrays.fill(bytes, (byte) number);
        out.put(bytes);
        return true;
    }

    private static byte[] read(HashedSource source) throws IOException {
        var all = new ByteArrayOutputStream();
        for (var piece = source.next(); piece != null; piece = source.next()) {
            var bytes = new byte[piece.remaining()];
            piece.get(bytes);
            all.writeBytes(bytes);
        }
        return all.toByteArray();
    }

    /** One thread does both, so that together they take no longer than all. */
    @Test
    void waitingForWhatIsUnpackedIsNotCountedTwice() throws IOException {
        var start = System.nanoTime();
        Filling waiting = (number, out) -> {
            var before = System.nanoTime();
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
            times.add(StageTimes.Stage.READ, System.nanoTime() - before);
            return number < 4 && piece(number, out);
        };
        try (var source = source(waiting, Long.MAX_VALUE)) {
            assertThat(read(source)).isNotEmpty();
        }
        var elapsed = Duration.ofNanos(System.nanoTime() - start);

        assertThat(times.of(StageTimes.Stage.READ).plus(times.of(StageTimes.Stage.INFLATE)))
                .isLessThanOrEqualTo(elapsed);
        assertThat(times.of(StageTimes.Stage.INFLATE)).isPositive();
    }

    @Test
    void isReadInOrderAndHashed() throws IOException {
        try (var source = source((number, out) -> number < 40 && piece(number, out), Long.MAX_VALUE)) {
            var bytes = read(source);
            assertThat(source.digest()).isEqualTo(LayerFixture.digest(bytes));
            assertThat(source.length()).isEqualTo(bytes.length).isGreaterThan(39L * (256 << 10) - 40 * 40);
            assertThat(source.next()).as("after the end").isNull();
        }
    }

    @Test
    void isUnpackedAheadOfItsReaderByNoMoreThanItsPieces() throws IOException {
        try (var source = source(HashedSourceTest::piece, Long.MAX_VALUE)) {
            Awaitility.await()
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(filled).hasValue(6));
            source.next();
            source.next();
            Awaitility.await()
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(filled).hasValue(7));
        }
        assertThat(filled).hasValue(7);
    }

    @Test
    void whatCameBeforeAFailureIsReadFirst() throws IOException {
        for (var thrown : List.of(Failure.invalid("corrupt"), new IOException("broken"), new AssertionError("bug"))) {
            filled.set(0);
            try (var source = source(
                    (number, out) -> {
                        if (number == 3) {
                            switch (thrown) {
                                case IOException e -> throw e;
                                case RuntimeException e -> throw e;
                                case Throwable e -> throw (Error) e;
                            }
                        }
                        return piece(number, out);
                    },
                    Long.MAX_VALUE)) {
                var first = new ArrayList<Byte>();
                for (var i = 0; i < 3; i++) {
                    first.add(Objects.requireNonNull(source.next()).get());
                }
                assertThat(first).containsExactly((byte) 0, (byte) 1, (byte) 2);
                assertThatThrownBy(source::next).isSameAs(thrown);
                assertThatThrownBy(source::next).as("once more").isSameAs(thrown);
            }
        }
    }

    @Test
    void isNoLongerThanMayBe() {
        try (var source = source(HashedSourceTest::piece, 1 << 20)) {
            assertThatThrownBy(() -> read(source)).hasMessageContaining("longer than 1048576 bytes unpacked");
        }
    }

    /** Who could not make sense of it reads the rest, to know whose fault that is. */
    @Test
    void closingDoesNotInterruptTheReadingOfWhatIsUnpacked() throws IOException, InterruptedException {
        var more = new CountDownLatch(1);
        var interrupted = new AtomicBoolean();
        var source = source(
                (number, out) -> {
                    if (number == 1) {
                        try {
                            more.await();
                        } catch (InterruptedException e) {
                            interrupted.set(true);
                        }
                    }
                    return piece(number, out);
                },
                Long.MAX_VALUE);
        source.next();
        var closer = Thread.ofPlatform().start(source::close);
        Awaitility.await()
                .atMost(PATIENCE)
                .until(closer::getState, state -> state == Thread.State.WAITING || state == Thread.State.TERMINATED);
        more.countDown();
        closer.join();
        assertThat(interrupted).isFalse();
        assertThat(filled).as("nothing is unpacked after that").hasValue(2);
    }

    @Test
    void closingEndsAnUnpackingThatWaits() throws InterruptedException {
        var waits = new CountDownLatch(1);
        var ended = new CountDownLatch(1);
        var source = source(
                (_, _) -> {
                    waits.countDown();
                    try {
                        new CountDownLatch(1).await();
                        return false;
                    } catch (InterruptedException e) {
                        ended.countDown();
                        throw new IOException(e);
                    }
                },
                Long.MAX_VALUE);
        waits.await();
        Thread.currentThread().interrupt();
        source.close();
        assertThat(Thread.interrupted()).as("the closer stays interrupted").isTrue();
        assertThat(ended.getCount()).isZero();
    }
}
