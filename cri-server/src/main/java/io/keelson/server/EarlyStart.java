package io.keelson.server;

import io.keelson.host.linux.Linux;
import io.keelson.server.rpc.CriServer;
import org.slf4j.LoggerFactory;

/**
 * What each start of a daemon comes to and what depends on nothing, begun on other processors while the configuration is read. Nobody
 * waits for it as such: who needs a class that is being initialized waits for that.
 */
final class EarlyStart {
    private EarlyStart() {}

    static void begin() {
        begin("early-linux", Linux::bind);
        // By one thread: another one that asked for a logger meanwhile would get a substitute of which no level can be
        // set.
        var _ = LoggerFactory.getILoggerFactory();
        begin("early-server", CriServer::bind);
    }

    private static void begin(String name, Runnable work) {
        Thread.ofPlatform().name(name).daemon().start(work);
    }
}
