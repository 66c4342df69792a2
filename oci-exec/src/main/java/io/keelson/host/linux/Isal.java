package io.keelson.host.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * Inflating gzip (RFC 1952) through libisal.so.2, about twice as fast as zlib. The library's state is a structure whose layout
 * belongs to its version, so a known stream is inflated before the first use: where that goes wrong, the library counts as
 * absent.
 */
@SuppressWarnings("restricted") // binding native functions is what this class is for
public final class Isal {
    // struct inflate_state of igzip_lib.h, the same from 2.28 to 2.31.
    private static final long NEXT_OUT = 0;
    private static final long AVAIL_OUT = 8;
    private static final long NEXT_IN = 16;
    private static final long AVAIL_IN = 32;
    private static final long READ_IN_LENGTH = 36;
    private static final long BLOCK_STATE = 21160;
    private static final long CRC_FLAG = 21172;
    /** Larger than any known version of the structure. */
    private static final long STATE_BYTES = 256 * 1024;

    private static final int ISAL_BLOCK_FINISH = 5;
    private static final int ISAL_GZIP = 1;

    /** "keelson\n" as {@code gzip -n} writes it. */
    private static final byte[] SAMPLE = {
        0x1f,
        (byte) 0x8b,
        0x08,
        0,
        0,
        0,
        0,
        0,
        0x02,
        0x03,
        (byte) 0xcb,
        0x4e,
        0x4d,
        (byte) 0xcd,
        0x29,
        (byte) 0xce,
        (byte) 0xcf,
        (byte) 0xe3,
        0x02,
        0,
        0x3b,
        0x28,
        0x7c,
        0x14,
        0x08,
        0,
        0,
        0
    };

    private record Functions(MethodHandle init, MethodHandle inflate) {}

    private static final class Library {
        static final Optional<Functions> FUNCTIONS = load();

        private static Optional<Functions> load() {
            try {
                var library = SymbolLookup.libraryLookup("libisal.so.2", Arena.global());
                var linker = Linker.nativeLinker();
                var functions = new Functions(
                        linker.downcallHandle(
                                library.findOrThrow("isal_inflate_init"),
                                FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG)),
                        linker.downcallHandle(
                                library.findOrThrow("isal_inflate"),
                                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG)));
                return inflatesSample(functions) ? Optional.of(functions) : Optional.empty();
            } catch (IllegalArgumentException | NoSuchElementException e) {
                return Optional.empty();
            }
        }

        private static boolean inflatesSample(Functions functions) {
            try (var inflater = new Inflater(functions)) {
                var in = ByteBuffer.allocateDirect(SAMPLE.length).put(SAMPLE).flip();
                var out = ByteBuffer.allocateDirect(64);
                if (inflater.inflate(in, out) != Progress.MEMBER_END || in.hasRemaining()) {
                    return false;
                }
                var bytes = new byte[out.flip().remaining()];
                out.get(bytes);
                return Arrays.equals(bytes, "keelson\n".getBytes(StandardCharsets.US_ASCII));
            }
        }
    }

    private Isal() {}

    public static boolean isAvailable() {
        return Library.FUNCTIONS.isPresent();
    }

    /** @throws IllegalStateException where the library is not available */
    public static Inflater open() {
        return new Inflater(Library.FUNCTIONS.orElseThrow(() -> new IllegalStateException("libisal is not available")));
    }

    /** Why {@link Inflater#inflate} returned. */
    public enum Progress {
        /** All input is used, or the output is full. */
        MORE,
        /** A gzip member ended with the right checksum and length; the rest of the input is not used. */
        MEMBER_END,
        /** The input is no gzip stream, or its checksum or length is wrong. */
        CORRUPT
    }

    /** One gzip stream; used by one thread at a time. */
    public static final class Inflater implements AutoCloseable {
        private final Functions functions;
        private final Arena arena = Arena.ofShared();
        private final MemorySegment state = arena.allocate(STATE_BYTES, 64);

        private Inflater(Functions functions) {
            this.functions = functions;
            reset();
        }

        /** Ready for another gzip member. */
        public void reset() {
            try {
                functions.init().invokeExact(state.address());
            } catch (Throwable e) {
                throw new AssertionError("downcalls throw nothing", e);
            }
            state.set(ValueLayout.JAVA_INT, CRC_FLAG, ISAL_GZIP);
        }

        /** Inflates from one direct buffer to another, until the input is used, the output is full or the member ends. */
        public Progress inflate(ByteBuffer in, ByteBuffer out) {
            var available = in.remaining();
            var room = out.remaining();
            state.set(ValueLayout.JAVA_LONG, NEXT_IN, SystemCall.address(in));
            state.set(ValueLayout.JAVA_INT, AVAIL_IN, available);
            state.set(ValueLayout.JAVA_LONG, NEXT_OUT, SystemCall.address(out));
            state.set(ValueLayout.JAVA_INT, AVAIL_OUT, room);
            int result;
            try {
                result = (int) functions.inflate().invokeExact(state.address());
            } catch (Throwable e) {
                throw new AssertionError("downcalls throw nothing", e);
            }
            var unused = state.get(ValueLayout.JAVA_INT, AVAIL_IN);
            // Where a damaged stream ends early it may have counted more bytes than there were.
            if (result < 0 || unused < 0) {
                return Progress.CORRUPT;
            }
            in.position(in.position() + available - unused);
            out.position(out.position() + room - state.get(ValueLayout.JAVA_INT, AVAIL_OUT));
            if (state.get(ValueLayout.JAVA_INT, BLOCK_STATE) != ISAL_BLOCK_FINISH) {
                return Progress.MORE;
            }
            // Whole bytes that were read ahead into the bit buffer belong to what follows the member.
            var unread = state.get(ValueLayout.JAVA_INT, READ_IN_LENGTH) / 8;
            in.position(in.position() - unread);
            return Progress.MEMBER_END;
        }

        @Override
        public void close() {
            arena.close();
        }
    }
}
