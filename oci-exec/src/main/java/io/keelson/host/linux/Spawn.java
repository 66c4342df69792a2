package io.keelson.host.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Starting programs with posix_spawn(3): the child has the descriptors it was given and no other (the JVM opens files without
 * close-on-exec), an empty signal mask, default signal actions, and the namespaces of the calling thread.
 */
@SuppressWarnings("restricted") // binding native functions is what this class is for
public final class Spawn {
    // glibc: the objects are 80 and 336 bytes on every 64-bit architecture; room to spare costs nothing.
    private static final int OBJECT_BYTES = 512;
    private static final int SIGSET_BYTES = 128;
    private static final int LAST_STANDARD = 2;

    private static final short POSIX_SPAWN_SETPGROUP = 0x02;
    private static final short POSIX_SPAWN_SETSIGDEF = 0x04;
    private static final short POSIX_SPAWN_SETSIGMASK = 0x08;
    private static final short POSIX_SPAWN_SETSID = 0x80;

    private static final int P_PID = 1;
    private static final int P_PIDFD = 3;
    private static final int WEXITED = 4;
    private static final int CLD_EXITED = 1;
    private static final int SIGINFO_CODE = 8;
    private static final int SIGINFO_STATUS = 24;

    private static final MethodHandle POSIX_SPAWN = bind("posix_spawn", 6);
    private static final MethodHandle FILE_ACTIONS_INIT = bind("posix_spawn_file_actions_init", 1);
    private static final MethodHandle FILE_ACTIONS_DESTROY = bind("posix_spawn_file_actions_destroy", 1);
    private static final MethodHandle FILE_ACTIONS_ADDDUP2 = bindInts("posix_spawn_file_actions_adddup2", 2);
    private static final MethodHandle FILE_ACTIONS_ADDCLOSE = bindInts("posix_spawn_file_actions_addclose", 1);
    private static final MethodHandle FILE_ACTIONS_ADDCLOSEFROM =
            bindInts("posix_spawn_file_actions_addclosefrom_np", 1);
    private static final MethodHandle FILE_ACTIONS_ADDCHDIR = bind("posix_spawn_file_actions_addchdir_np", 2);
    private static final MethodHandle FILE_ACTIONS_ADDOPEN = bind(
            "posix_spawn_file_actions_addopen",
            List.of(
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT));
    private static final MethodHandle ATTRIBUTES_INIT = bind("posix_spawnattr_init", 1);
    private static final MethodHandle ATTRIBUTES_DESTROY = bind("posix_spawnattr_destroy", 1);
    private static final MethodHandle ATTRIBUTES_SETFLAGS = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("posix_spawnattr_setflags"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_SHORT));
    private static final MethodHandle ATTRIBUTES_SETSIGMASK = bind("posix_spawnattr_setsigmask", 2);
    private static final MethodHandle ATTRIBUTES_SETSIGDEFAULT = bind("posix_spawnattr_setsigdefault", 2);

    private Spawn() {}

    /** Does nothing but have this class, and with it its functions, bound. */
    static void bind() {}

    /**
     * What to start. {@code descriptors} maps the child's numbers to ours; {@code ownGroup} makes the child the leader of a
     * new process group, so that its descendants can be ended with it.
     *
     * @param terminal makes the child the leader of a session with this terminal, which is its descriptors 0, 1 and 2
     *     (credentials(7), "Sessions")
     */
    public record Program(
            List<String> arguments,
            Map<String, String> environment,
            Optional<Path> directory,
            Map<Integer, Fd> descriptors,
            boolean ownGroup,
            Optional<Path> terminal) {
        public Program(
                List<String> arguments,
                Map<String, String> environment,
                Optional<Path> directory,
                Map<Integer, Fd> descriptors,
                boolean ownGroup) {
            this(arguments, environment, directory, descriptors, ownGroup, Optional.empty());
        }

        public Program {
            arguments = List.copyOf(arguments);
            environment = Map.copyOf(environment);
            descriptors = Map.copyOf(descriptors);
        }
    }

    /** A child of this process, which somebody has to {@link #reap}. */
    public record Spawned(long pid, Pidfd pidfd) {}

    /**
     * Starts the program; its first argument is the absolute path of what is executed.
     *
     * @throws LinuxException for example ENOENT or EACCES; then there is no child
     */
    public static Spawned spawn(Program program) {
        try (var arena = Arena.ofConfined()) {
            var actions = arena.allocate(OBJECT_BYTES, 16);
            var attributes = arena.allocate(OBJECT_BYTES, 16);
            var duplicates = new ArrayList<Fd>();
            check(program, (int) FILE_ACTIONS_INIT.invokeExact(actions.address()));
            check(program, (int) ATTRIBUTES_INIT.invokeExact(attributes.address()));
            try {
                addDescriptors(program, actions, duplicates);
                setAttributes(program, arena, attributes);
                var pid = arena.allocate(ValueLayout.JAVA_INT);
                var environment = program.environment().entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .toList();
                check(program, (int) POSIX_SPAWN.invokeExact(
                        pid.address(),
                        SystemCall.string(arena, program.arguments().getFirst()),
                        actions.address(),
                        attributes.address(),
                        strings(arena, program.arguments()),
                        strings(arena, environment)));
                return spawned(pid.get(ValueLayout.JAVA_INT, 0));
            } finally {
                duplicates.forEach(Fd::close);
                var _ = (int) FILE_ACTIONS_DESTROY.invokeExact(actions.address());
                var _ = (int) ATTRIBUTES_DESTROY.invokeExact(attributes.address());
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("downcalls throw nothing else", e);
        }
    }

    /**
     * waitid(2): takes the exit status of a child whose pidfd has become readable. The exit code, or 128 and the number of
     * the signal that ended it.
     */
    public static int reap(Fd pidfd) {
        return reap(P_PIDFD, pidfd.number());
    }

    private static int reap(int idType, long id) {
        try (var arena = Arena.ofConfined()) {
            var info = arena.allocate(128, 8);
            SystemCall.WAITID.call(id, idType, id, info.address(), WEXITED);
            var status = info.get(ValueLayout.JAVA_INT, SIGINFO_STATUS);
            return info.get(ValueLayout.JAVA_INT, SIGINFO_CODE) == CLD_EXITED ? status : 128 + status;
        }
    }

    /** A child without a pidfd could be neither awaited nor ended safely: then there shall be no child. */
    private static Spawned spawned(long child) {
        try {
            return new Spawned(child, Pidfd.open(child));
        } catch (LinuxException e) {
            SystemCall.KILL.tryCall(child, Pidfd.SIGKILL, 0, 0, 0, 0);
            reap(P_PID, child);
            throw e;
        }
    }

    /** The wanted numbers are made from copies above all of them, so that none is overwritten before it was copied. */
    private static void addDescriptors(Program program, MemorySegment actions, List<Fd> duplicates) throws Throwable {
        var wanted = new TreeMap<>(program.descriptors());
        var highest = wanted.isEmpty() ? -1 : wanted.lastKey();
        for (var number = 0; number <= highest; number++) {
            var ours = wanted.get(number);
            if (ours == null) {
                check(program, (int) FILE_ACTIONS_ADDCLOSE.invokeExact(actions.address(), number));
                continue;
            }
            var source = ours.number();
            if (source <= highest) {
                var copy = Descriptors.dupFrom(ours, highest + 1);
                duplicates.add(copy);
                source = copy.number();
            }
            check(program, (int) FILE_ACTIONS_ADDDUP2.invokeExact(actions.address(), source, number));
        }
        check(program, (int)
                FILE_ACTIONS_ADDCLOSEFROM.invokeExact(actions.address(), Math.max(highest, LAST_STANDARD) + 1));
        if (program.terminal().isPresent()) {
            openTerminal(program, program.terminal().get(), actions);
        }
        if (program.directory().isPresent()) {
            try (var arena = Arena.ofConfined()) {
                var path = SystemCall.path(arena, program.directory().get());
                check(program, (int) FILE_ACTIONS_ADDCHDIR.invokeExact(actions.address(), path));
            }
        }
    }

    /** The first terminal that the leader of a session opens becomes that session's (tty_ioctl(4), "Controlling terminal"). */
    private static void openTerminal(Program program, Path terminal, MemorySegment actions) throws Throwable {
        try (var arena = Arena.ofConfined()) {
            var path = SystemCall.path(arena, terminal);
            check(program, (int) FILE_ACTIONS_ADDOPEN.invokeExact(actions.address(), 0, path, Descriptors.O_RDWR, 0));
            for (var standard = 1; standard <= LAST_STANDARD; standard++) {
                check(program, (int) FILE_ACTIONS_ADDDUP2.invokeExact(actions.address(), 0, standard));
            }
        }
    }

    private static void setAttributes(Program program, Arena arena, MemorySegment attributes) throws Throwable {
        var none = arena.allocate(SIGSET_BYTES, 8);
        var all = arena.allocate(SIGSET_BYTES, 8).fill((byte) 0xFF);
        var flags = (short) (POSIX_SPAWN_SETSIGDEF
                | POSIX_SPAWN_SETSIGMASK
                | (program.ownGroup() ? POSIX_SPAWN_SETPGROUP : 0)
                | (program.terminal().isPresent() ? POSIX_SPAWN_SETSID : 0));
        check(program, (int) ATTRIBUTES_SETSIGMASK.invokeExact(attributes.address(), none.address()));
        check(program, (int) ATTRIBUTES_SETSIGDEFAULT.invokeExact(attributes.address(), all.address()));
        check(program, (int) ATTRIBUTES_SETFLAGS.invokeExact(attributes.address(), flags));
    }

    private static void check(Program program, int errno) {
        if (errno != 0) {
            throw new LinuxException("posix_spawn", errno, program.arguments().getFirst());
        }
    }

    private static long strings(Arena arena, List<String> texts) {
        var array = arena.allocate(8L * (texts.size() + 1), 8);
        for (var i = 0; i < texts.size(); i++) {
            array.set(ValueLayout.JAVA_LONG, 8L * i, SystemCall.string(arena, texts.get(i)));
        }
        return array.address();
    }

    private static MethodHandle bind(String name, int pointers) {
        return bind(name, Collections.nCopies(pointers, ValueLayout.JAVA_LONG));
    }

    /** A function of one pointer and so many ints. */
    private static MethodHandle bindInts(String name, int ints) {
        var parameters = new ArrayList<ValueLayout>();
        parameters.add(ValueLayout.JAVA_LONG);
        parameters.addAll(Collections.nCopies(ints, ValueLayout.JAVA_INT));
        return bind(name, parameters);
    }

    private static MethodHandle bind(String name, List<? extends ValueLayout> parameters) {
        var linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, parameters.toArray(ValueLayout[]::new)));
    }
}
