package io.keelson.host.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The system calls that Keelson makes, by number, through one binding of syscall(2): one method handle costs less start-up
 * time than sixty, and calls that the C library does not wrap look no different from those it does.
 */
@SuppressWarnings("restricted") // binding native functions is what this class is for
enum SystemCall {
    READ(0, 63),
    WRITE(1, 64),
    CLOSE(3, 57),
    LSEEK(8, 62),
    IOCTL(16, 29),
    PREAD64(17, 67),
    SOCKET(41, 198),
    CONNECT(42, 203),
    SENDTO(44, 206),
    RECVFROM(45, 207),
    RECVMSG(47, 212),
    SHUTDOWN(48, 210),
    BIND(49, 200),
    LISTEN(50, 201),
    KILL(62, 129),
    FCNTL(72, 25),
    FLOCK(73, 32),
    FSYNC(74, 82),
    FTRUNCATE(77, 46),
    FCHMOD(91, 52),
    SYSLOG(103, 116),
    STATFS(137, 43),
    FSTATFS(138, 44),
    GETPRIORITY(140, 141),
    SETPRIORITY(141, 140),
    ADJTIMEX(159, 171),
    MOUNT(165, 40),
    UMOUNT2(166, 39),
    SETHOSTNAME(170, 161),
    SETXATTR(188, 5),
    FSETXATTR(190, 7),
    LGETXATTR(192, 9),
    FGETXATTR(193, 10),
    LLISTXATTR(195, 12),
    GETDENTS64(217, 61),
    EPOLL_CTL(233, 21),
    WAITID(247, 95),
    INOTIFY_ADD_WATCH(254, 27),
    OPENAT(257, 56),
    MKDIRAT(258, 34),
    MKNODAT(259, 33),
    FCHOWNAT(260, 54),
    UNLINKAT(263, 35),
    LINKAT(265, 37),
    SYMLINKAT(266, 36),
    READLINKAT(267, 78),
    FCHMODAT(268, 53),
    PPOLL(271, 73),
    UNSHARE(272, 97),
    SYNC_FILE_RANGE(277, 84),
    UTIMENSAT(280, 88),
    EPOLL_PWAIT(281, 22),
    ACCEPT4(288, 242),
    EPOLL_CREATE1(291, 20),
    PIPE2(293, 59),
    INOTIFY_INIT1(294, 26),
    PRLIMIT64(302, 261),
    SYNCFS(306, 267),
    SETNS(308, 268),
    RENAMEAT2(316, 276),
    STATX(332, 291),
    PIDFD_SEND_SIGNAL(424, 424),
    OPEN_TREE(428, 428),
    MOVE_MOUNT(429, 429),
    FSOPEN(430, 430),
    FSCONFIG(431, 431),
    FSMOUNT(432, 432),
    PIDFD_OPEN(434, 434),
    OPENAT2(437, 437),
    MOUNT_SETATTR(442, 442);

    private static final boolean ARM64 = System.getProperty("os.arch").equals("aarch64");
    private static final MemoryLayout CAPTURED = Linker.Option.captureStateLayout();
    private static final long ERRNO_OFFSET = CAPTURED.byteOffset(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle SYSCALL = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("syscall"),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG),
                    Linker.Option.captureCallState("errno"),
                    Linker.Option.firstVariadicArg(1));

    private final long number;

    SystemCall(int x86, int arm64) {
        number = System.getProperty("os.arch").equals("aarch64") ? arm64 : x86;
    }

    /** The result of the call, or the negated errno. Unused arguments are 0. */
    long tryCall(long a, long b, long c, long d, long e, long f) {
        try (var arena = Arena.ofConfined()) {
            return tryCall(state(arena), a, b, c, d, e, f);
        }
    }

    /** Where a call leaves its errno, for one call at a time. */
    static MemorySegment state(Arena arena) {
        return arena.allocate(CAPTURED);
    }

    /** The same for who makes many calls, and keeps what {@link #state} gave. */
    long tryCall(MemorySegment state, long a, long b, long c, long d, long e, long f) {
        try {
            var result = (long) SYSCALL.invokeExact(state, number, a, b, c, d, e, f);
            return result == -1 ? -state.get(ValueLayout.JAVA_INT, ERRNO_OFFSET) : result;
        } catch (RuntimeException | Error e1) {
            throw e1;
        } catch (Throwable e1) {
            throw new AssertionError("downcalls throw nothing else", e1);
        }
    }

    /** The result of the call, repeated when a signal interrupts it; {@code subject} is what it was made on. */
    long call(Object subject, long a, long b, long c, long d, long e, long f) {
        while (true) {
            var result = tryCall(a, b, c, d, e, f);
            if (result >= 0) {
                return result;
            }
            if (result != -Errno.EINTR) {
                throw failed((int) -result, subject);
            }
        }
    }

    long call(Object subject, long a) {
        return call(subject, a, 0, 0, 0, 0, 0);
    }

    long call(Object subject, long a, long b) {
        return call(subject, a, b, 0, 0, 0, 0);
    }

    long call(Object subject, long a, long b, long c) {
        return call(subject, a, b, c, 0, 0, 0);
    }

    long call(Object subject, long a, long b, long c, long d) {
        return call(subject, a, b, c, d, 0, 0);
    }

    long call(Object subject, long a, long b, long c, long d, long e) {
        return call(subject, a, b, c, d, e, 0);
    }

    LinuxException failed(int errno, Object subject) {
        return new LinuxException(name().toLowerCase(Locale.ROOT), errno, String.valueOf(subject));
    }

    /** The path as the kernel takes it, alive as long as the arena. */
    static long path(Arena arena, Path path) {
        return string(arena, path.toString());
    }

    /** The string in UTF-8 with its terminator; one with a NUL inside would be cut short and is refused. */
    static long string(Arena arena, String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("contains NUL: " + text.replace("\0", "\\0"));
        }
        return arena.allocateFrom(text, StandardCharsets.UTF_8).address();
    }

    /** Where the remaining bytes of a direct buffer are; the buffer must stay reachable until the call has returned. */
    static long address(ByteBuffer direct) {
        if (!direct.isDirect()) {
            throw new IllegalArgumentException("the kernel needs a direct buffer");
        }
        return MemorySegment.ofBuffer(direct).address();
    }

    /** Bytes with a terminator, for names that are no text. */
    static long name(Arena arena, byte[] name) {
        for (var octet : name) {
            if (octet == 0) {
                throw new IllegalArgumentException("contains NUL: " + new String(name, StandardCharsets.ISO_8859_1));
            }
        }
        return bytes(arena, name);
    }

    /** Any bytes, with a terminator that does not count. */
    static long bytes(Arena arena, byte[] name) {
        var segment = arena.allocate(name.length + 1L);
        MemorySegment.copy(name, 0, segment, ValueLayout.JAVA_BYTE, 0, name.length);
        return segment.address();
    }

    static boolean isArm64() {
        return ARM64;
    }
}
