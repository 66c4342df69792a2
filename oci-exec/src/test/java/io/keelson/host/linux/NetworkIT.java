package io.keelson.host.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Needs root: everything happens in network namespaces that end with the threads that made them. */
@Timeout(30)
class NetworkIT {
    /** What select(2) can wait for. */
    private static final int FD_SETSIZE = 1024;

    @Test
    void loopbackComesUpWithItsAddresses() {
        var routes = PlatformThread.call("loopback", () -> {
            Namespaces.unshare(Namespaces.CLONE_NEWNET);
            assertThat(localRoutes()).doesNotContain("127.0.0.1");
            Loopback.up();
            Loopback.up();
            return localRoutes();
        });

        assertThat(routes).contains("127.0.0.1");
    }

    @Test
    void rulesAreMadeAndListed() {
        assumeNftables();
        var listed = PlatformThread.call("nftables", () -> {
            Namespaces.unshare(Namespaces.CLONE_NEWNET);
            LibNftables.run("""
                    add table inet keelson
                    add map inet keelson ports { type inet_proto . inet_service : ipv4_addr . inet_service; }
                    add element inet keelson ports { tcp . 8080 : 10.0.0.2 . 80 }
                    """);
            return LibNftables.run("list table inet keelson");
        });

        assertThat(listed).contains("table inet keelson").contains("tcp . 8080 : 10.0.0.2 . 80");
    }

    /** The library would have the C library end this process, and this test with it. */
    @Test
    @Tag("K6")
    void aProcessOfManyDescriptorsCanMakeRules() throws IOException {
        assumeNftables();
        Linux.bind();
        var many = new ArrayList<Fd>();
        try {
            while (many.isEmpty() || many.getLast().number() < FD_SETSIZE) {
                many.add(Descriptors.open(Path.of("/dev/null"), Descriptors.O_RDONLY, 0));
            }
            var listed = PlatformThread.call("nftables", () -> {
                Namespaces.unshare(Namespaces.CLONE_NEWNET);
                LibNftables.run("add table inet keelson");
                return LibNftables.run("list tables");
            });
            assertThat(listed).contains("table inet keelson");
            assertThat(Inodes.stat(many.getLast()).isDirectory()).isFalse();
        } finally {
            many.forEach(Fd::close);
        }
    }

    @Test
    void aTransactionThatFailsSaysWhyAndChangesNothing() {
        assumeNftables();
        PlatformThread.run("nftables", () -> {
            Namespaces.unshare(Namespaces.CLONE_NEWNET);
            assertThatThrownBy(() -> LibNftables.run("add table inet kept\nadd rule inet absent mine accept\n"))
                    .isInstanceOfSatisfying(
                            Failure.class, e -> assertThat(e.kind()).isEqualTo(Failure.Kind.UNAVAILABLE))
                    .hasMessageContaining("No such file or directory");
            assertThat(LibNftables.run("list tables")).isEmpty();
        });
    }

    @Test
    void rulesOfOneNamespaceAreNotInAnother() {
        assumeNftables();
        PlatformThread.run("nftables", () -> {
            Namespaces.unshare(Namespaces.CLONE_NEWNET);
            LibNftables.run("add table inet keelson-test-only");
        });

        var elsewhere = PlatformThread.call("nftables", () -> {
            Namespaces.unshare(Namespaces.CLONE_NEWNET);
            return LibNftables.run("list tables");
        });

        assertThat(elsewhere).isEmpty();
    }

    @Test
    void aPinnedNamespaceCanBeJoinedAfterItsThreadHasEnded() throws IOException {
        var pin = Files.createTempFile("keelson-netns", "");
        try {
            var made = PlatformThread.call("pin", () -> {
                Namespaces.unshare(Namespaces.CLONE_NEWNET);
                Mounts.bind(Path.of("/proc/thread-self/ns/net"), pin);
                return ownNetwork();
            });

            var joined = PlatformThread.call("join", () -> {
                try (var namespace = Descriptors.open(pin, Descriptors.O_RDONLY, 0)) {
                    Namespaces.setns(namespace, Namespaces.CLONE_NEWNET);
                }
                return ownNetwork();
            });

            assertThat(joined).isEqualTo(made).isNotEqualTo(ownNetwork());
        } finally {
            Mounts.unmountAll(pin);
            Files.delete(pin);
        }
    }

    private static void assumeNftables() {
        Assumptions.assumeTrue(LibNftables.isAvailable(), "libnftables.so.1 is not installed");
    }

    private static String localRoutes() throws IOException {
        return Files.readString(Path.of("/proc/thread-self/net/fib_trie"));
    }

    private static String ownNetwork() throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net")).toString();
    }
}
