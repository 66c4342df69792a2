package io.keelson.e2e;

import io.keelson.e2e.images.Materials;
import io.keelson.e2e.images.Registry;
import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Containerd;
import io.keelson.e2e.node.CriDaemon;
import io.keelson.e2e.node.Keelson;
import io.keelson.e2e.node.Program;
import io.keelson.e2e.node.RegistryServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The registry with all test images that the scenarios of one run share. It ends with the JVM. */
final class TestRegistry {
    private TestRegistry() {}

    /** Starts and fills on first use. */
    private static final class Holder {
        private static final RegistryServer SERVER = start();
    }

    static RegistryServer server() {
        return Holder.SERVER;
    }

    /** What the scenarios drive: Keelson, or the peer where a scenario itself is in doubt. */
    static CriDaemon daemon() {
        return System.getProperty("keelson.e2e.runtime", "").equals("containerd") ? new Containerd() : new Keelson();
    }

    /** A reference to one of the test images by the registry's own address. */
    static String reference(String name) {
        return server().address() + "/" + name;
    }

    private static RegistryServer start() {
        try {
            var directory = Files.createTempDirectory("keelson-registry");
            var server = RegistryServer.start(directory);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> end(server, directory), "registry-end"));
            try (var registry = new Registry(server.address())) {
                var images = new TestImages(new Materials(Path.of(Program.required("keelson.materials"))), registry);
                images.pushForCritest();
                images.pushForScenarios();
            }
            return server;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static void end(RegistryServer server, Path directory) {
        server.close();
        try {
            TemporaryTree.remove(directory);
        } catch (IOException e) {
            System.err.println("cannot remove " + directory + ": " + e);
        }
    }
}
