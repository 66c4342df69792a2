package io.keelson.server.inspect;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import javax.management.JMException;
import javax.management.ObjectName;

/** What the virtual machine says of itself. */
final class Debugging {
    private Debugging() {}

    /**
     * Every thread, virtual ones as well, with where it is.
     *
     * @param directory for a file that is removed again: the virtual machine writes to files alone
     */
    static String threads(Path directory) {
        var file = directory.resolve("threads-" + UUID.randomUUID());
        try {
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                    .dumpThreads(file.toString(), ThreadDumpFormat.TEXT_PLAIN);
            return Files.readString(file);
        } catch (IOException e) {
            throw DurableFiles.failed("dump threads to", file, e);
        } finally {
            DurableFiles.discard(file);
        }
    }

    /** How many objects there are of each class, and how large they are together; after a collection. */
    static String heap() {
        try {
            return (String) ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "gcClassHistogram",
                            new Object[] {new String[0]},
                            new String[] {String[].class.getName()});
        } catch (JMException e) {
            throw Failure.internal("cannot count objects", e);
        }
    }
}
