package io.keelson.host.linux;

import io.keelson.host.failure.Failure;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * Packet filter rules through libnftables.so.1 (libnftables(3)): what {@code nft -f -} does, without a process. One
 * transaction a call, in the network namespace of the calling thread.
 */
@SuppressWarnings("restricted") // binding native functions is what this class is for
public final class LibNftables {
    private record Functions(
            MethodHandle create,
            MethodHandle free,
            MethodHandle bufferOutput,
            MethodHandle bufferError,
            MethodHandle outputBuffer,
            MethodHandle errorBuffer,
            MethodHandle run) {}

    /** Loaded when first asked for; absent where the library is not installed. */
    private static final class Library {
        static final Optional<Functions> FUNCTIONS = load();

        private static Optional<Functions> load() {
            try {
                var library = SymbolLookup.libraryLookup("libnftables.so.1", Arena.global());
                var pointer = ValueLayout.JAVA_LONG;
                var integer = ValueLayout.JAVA_INT;
                return Optional.of(new Functions(
                        bind(library, "nft_ctx_new", FunctionDescriptor.of(pointer, integer)),
                        bind(library, "nft_ctx_free", FunctionDescriptor.ofVoid(pointer)),
                        bind(library, "nft_ctx_buffer_output", FunctionDescriptor.of(integer, pointer)),
                        bind(library, "nft_ctx_buffer_error", FunctionDescriptor.of(integer, pointer)),
                        bind(library, "nft_ctx_get_output_buffer", FunctionDescriptor.of(ValueLayout.ADDRESS, pointer)),
                        bind(library, "nft_ctx_get_error_buffer", FunctionDescriptor.of(ValueLayout.ADDRESS, pointer)),
                        bind(library, "nft_run_cmd_from_buffer", FunctionDescriptor.of(integer, pointer, pointer))));
            } catch (IllegalArgumentException | NoSuchElementException e) {
                return Optional.empty();
            }
        }

        private static MethodHandle bind(SymbolLookup library, String name, FunctionDescriptor function) {
            return Linker.nativeLinker().downcallHandle(library.findOrThrow(name), function);
        }
    }

    private LibNftables() {}

    public static boolean isAvailable() {
        return Library.FUNCTIONS.isPresent();
    }

    /**
     * Runs nft(8) commands as one transaction and returns what they print.
     *
     * @throws Failure UNAVAILABLE with the library's own message; then nothing was changed
     */
    public static synchronized String run(String commands) {
        var functions = Library.FUNCTIONS.orElseThrow(() -> Failure.unavailable("libnftables.so.1 is not installed"));
        try (var arena = Arena.ofConfined()) {
            var context = (long) functions.create().invokeExact(0);
            if (context == 0) {
                throw Failure.unavailable("libnftables gave no context: out of memory or of sockets");
            }
            try {
                var _ = (int) functions.bufferOutput().invokeExact(context);
                var _ = (int) functions.bufferError().invokeExact(context);
                var result = (int) functions.run().invokeExact(context, SystemCall.string(arena, commands));
                var output = text((MemorySegment) functions.outputBuffer().invokeExact(context));
                if (result != 0) {
                    throw Failure.unavailable("nftables: "
                            + text((MemorySegment) functions.errorBuffer().invokeExact(context))
                                    .strip());
                }
                return output;
            } finally {
                functions.free().invokeExact(context);
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("downcalls throw nothing else", e);
        }
    }

    private static String text(MemorySegment string) {
        return string.address() == 0 ? "" : string.reinterpret(Long.MAX_VALUE).getString(0);
    }
}
