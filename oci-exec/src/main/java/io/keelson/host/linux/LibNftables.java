package io.keelson.host.linux;

import io.keelson.host.failure.Failure;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * Packet filter rules through libnftables.so.1 (libnftables(3)): what {@code nft -f -} does, without a process. One
 * transaction a call, in the network namespace of the calling thread.
 *
 * <p>The library waits by select(2), for which the C library ends a process whose descriptor has the number 1024 or a higher one. So
 * a low number is kept for it: each call has a thread of its own, with a table of descriptors of its own (unshare(2), CLONE_FILES), in
 * which that number is free, whatever the other threads open meanwhile.
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

    /** Keeps the number that each call then gets. */
    private static final class Reserve {
        /** What select(2) can wait for. */
        static final int FD_SETSIZE = 1024;

        static final Fd LOW = Descriptors.open(Path.of("/dev/null"), Descriptors.O_RDONLY, 0);
    }

    private LibNftables() {}

    /** To be called while this process has few descriptors: where the first call of {@link #run} finds many, it can keep no low one. */
    static void reserve() {
        var _ = Reserve.LOW;
    }

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
        if (Reserve.LOW.number() >= Reserve.FD_SETSIZE) {
            throw Failure.unavailable("libnftables cannot be called: this process had more than " + Reserve.FD_SETSIZE
                    + " descriptors before one was kept for it");
        }
        try (var arena = Arena.ofConfined()) {
            return PlatformThread.callHere("nftables", new Call(functions, SystemCall.string(arena, commands)))
                    .result();
        }
    }

    /**
     * What happens on a thread with its own descriptors: nothing that opens one for others, as looking for a class in a jar may do.
     * All that it needs is there before it begins.
     */
    private static final class Call implements Callable<Call> {
        private final Functions functions;
        private final long commands;
        private final int low = Reserve.LOW.number();
        private boolean hasContext;
        private int result;
        private String output = "";
        private String error = "";
        private Optional<Throwable> thrown = Optional.empty();

        Call(Functions functions, long commands) {
            this.functions = functions;
            this.commands = commands;
        }

        @Override
        public Call call() {
            try {
                Namespaces.unshare(Namespaces.CLONE_FILES);
                SystemCall.CLOSE.call("the number kept for libnftables", low);
                var context = (long) functions.create().invokeExact(0);
                hasContext = context != 0;
                if (hasContext) {
                    run(context);
                }
            } catch (Throwable e) {
                thrown = Optional.of(e);
            }
            return this;
        }

        private void run(long context) throws Throwable {
            try {
                var _ = (int) functions.bufferOutput().invokeExact(context);
                var _ = (int) functions.bufferError().invokeExact(context);
                result = (int) functions.run().invokeExact(context, commands);
                output = text((MemorySegment) functions.outputBuffer().invokeExact(context));
                error = text((MemorySegment) functions.errorBuffer().invokeExact(context));
            } finally {
                functions.free().invokeExact(context);
            }
        }

        /** After its end. */
        String result() {
            if (thrown.isPresent()) {
                throw thrown.get() instanceof RuntimeException e
                        ? e
                        : Failure.internal("libnftables: " + thrown.get(), thrown.get());
            }
            if (!hasContext) {
                throw Failure.unavailable("libnftables gave no context: out of memory or of sockets");
            }
            if (result != 0) {
                throw Failure.unavailable("nftables: " + error.strip());
            }
            return output;
        }
    }

    private static String text(MemorySegment string) {
        return string.address() == 0 ? "" : string.reinterpret(Long.MAX_VALUE).getString(0);
    }
}
