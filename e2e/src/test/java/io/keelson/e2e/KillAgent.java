package io.keelson.e2e;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.invoke.MethodHandle;
import java.security.ProtectionDomain;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Lives in the daemon while a scenario wants it dead at a certain line, loaded into it as an agent: it puts a call before a method's first
 * instruction or before its returns, and there the daemon ends itself with SIGKILL. The program that is installed knows nothing of this, and
 * has no switch for it. The JVM hands over a {@link KillSpot} as text.
 */
public final class KillAgent {
    private static final int SIGKILL = 9;
    private static final AtomicReference<KillAgent> armed = new AtomicReference<>();

    private final KillSpot spot;
    private final MethodHandle kill;
    private final int pid = (int) ProcessHandle.current().pid();
    private final AtomicInteger left;

    /** The one native call here is as in the daemon, which may make them. */
    @SuppressWarnings("restricted")
    private KillAgent(KillSpot spot) {
        this.spot = spot;
        left = new AtomicInteger(spot.time());
        var linker = Linker.nativeLinker();
        // Linked now, so that nothing is left to do at the spot.
        kill = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("kill"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    }

    /** With the daemon's start. */
    public static void premain(String spot, Instrumentation instrumentation) throws Exception {
        agentmain(spot, instrumentation);
    }

    /** Into a daemon that runs; fails if it has no such method. */
    public static void agentmain(String spot, Instrumentation instrumentation) throws Exception {
        var agent = new KillAgent(KillSpot.parse(spot));
        armed.set(agent);
        var type = Class.forName(agent.spot.type(), false, ClassLoader.getSystemClassLoader());
        var found = new AtomicInteger();
        instrumentation.addTransformer(agent.transformer(type, found), true);
        instrumentation.retransformClasses(type);
        if (found.get() == 0) {
            throw new IllegalStateException("nothing can be put into " + spot);
        }
    }

    private ClassFileTransformer transformer(Class<?> type, AtomicInteger found) {
        return new ClassFileTransformer() {
            @Override
            public byte[] transform(
                    ClassLoader loader, String name, Class<?> redefined, ProtectionDomain domain, byte[] bytes) {
                if (!name.equals(type.getName().replace('.', '/'))) {
                    return null;
                }
                try {
                    return withTrap(bytes, found);
                } catch (RuntimeException | Error e) {
                    // The JVM would keep it to itself.
                    e.printStackTrace();
                    throw e;
                }
            }
        };
    }

    private byte[] withTrap(byte[] bytes, AtomicInteger found) {
        var format = ClassFile.of();
        CodeTransform trap = new Trap(spot.isBefore());
        return format.transformClass(
                format.parse(bytes),
                ClassTransform.transformingMethods(
                        method -> isSpot(method, found), MethodTransform.transformingCode(trap)));
    }

    private boolean isSpot(MethodModel method, AtomicInteger found) {
        var is =
                method.methodName().equalsString(spot.method()) && method.code().isPresent();
        if (is) {
            found.incrementAndGet();
        }
        return is;
    }

    /** Where the call is put. */
    private record Trap(boolean isBefore) implements CodeTransform {
        private static final ClassDesc AGENT = ClassDesc.of(KillAgent.class.getName());

        @Override
        public void atStart(CodeBuilder builder) {
            if (isBefore) {
                builder.invokestatic(AGENT, "passed", MethodTypeDesc.ofDescriptor("()V"));
            }
        }

        @Override
        public void accept(CodeBuilder builder, CodeElement element) {
            if (!isBefore && element instanceof ReturnInstruction) {
                builder.invokestatic(AGENT, "passed", MethodTypeDesc.ofDescriptor("()V"));
            }
            builder.with(element);
        }
    }

    /** Called from within the daemon's own methods. */
    public static void passed() {
        var agent = armed.get();
        if (agent != null && agent.isUnder() && agent.left.decrementAndGet() == 0) {
            agent.die();
        }
    }

    private boolean isUnder() {
        return spot.under().isEmpty()
                || StackWalker.getInstance()
                        .walk(frames ->
                                frames.anyMatch(frame -> spot.isUnder(frame.getClassName(), frame.getMethodName())));
    }

    private void die() {
        try {
            var _ = (int) kill.invokeExact(pid, SIGKILL);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
