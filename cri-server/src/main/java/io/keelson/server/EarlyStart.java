package io.keelson.server;

import io.keelson.host.linux.Linux;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.linux.NamedThreads;
import io.keelson.server.rpc.CriServer;
import org.slf4j.LoggerFactory;

/**
 * What each start of a daemon comes to and what depends on nothing, begun on other processors while the configuration is read. Nobody
 * waits for it as such: who needs a class that is being initialized waits for that.
 */
final class EarlyStart {
    private EarlyStart() {}

    static void begin() {
        begin("early-linux", () -> {
            Linux.bind();
            // What a start has to compile is not run long enough to repay that, and it has processors to wait for.
            NamedThreads.optimizingCompiler().giveWay();
        });
        // By one thread: another one that asked for a logger meanwhile would get a substitute of which no level can be
        // set.
        var _ = LoggerFactory.getILoggerFactory();
        begin("early-server", CriServer::bind);
    }

    /** Once the first answers are given: what is hot from now on is compiled like anything else is done. */
    static void end() {
        try {
            NamedThreads.optimizingCompiler().takePart();
        } catch (LinuxException e) {
            LoggerFactory.getLogger(EarlyStart.class)
                    .atWarn()
                    .addKeyValue("event", "compiler-gives-way")
                    .log(
                            "what is hot is compiled only where processors are idle, for want of CAP_SYS_NICE: {}",
                            e.getMessage());
        }
    }

    private static void begin(String name, Runnable work) {
        Thread.ofPlatform().name(name).daemon().start(work);
    }
}
