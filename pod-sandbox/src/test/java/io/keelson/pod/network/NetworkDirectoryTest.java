package io.keelson.pod.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkDirectoryTest {
    @TempDir
    Path base;

    private NetworkDirectory networks() {
        return new NetworkDirectory(List.of(base.resolve("first"), base.resolve("second")));
    }

    private void drop(String file, String network) throws IOException {
        var path = base.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(
                path, "{\"cniVersion\":\"1.0.0\",\"name\":\"" + network + "\",\"plugins\":[{\"type\":\"bridge\"}]}");
    }

    @Test
    void theFirstFileByNameInTheFirstDirectoryIsTheNetwork() throws IOException {
        drop("second/00-a.conflist", "second");
        drop("first/20-b.conflist", "later");
        drop("first/10-c.conflist", "sooner");
        drop("first/00-readme.txt", "no-candidate");
        assertThat(networks().current().name()).isEqualTo("sooner");
    }

    @Test
    void aDirectoryWithoutCandidatesIsPassedOver() throws IOException {
        drop("second/10-a.conf", "second");
        assertThat(networks().current().name()).isEqualTo("second");
    }

    @Test
    void anUnusableFileIsPassedOver() throws IOException {
        drop("first/20-b.conflist", "usable");
        drop("first/10-a.conflist", "../no");
        assertThat(networks().current().name()).isEqualTo("usable");
    }

    @Test
    void whatIsDroppedChangedOrRemovedCountsAtOnce() throws IOException {
        var networks = networks();
        assertThatThrownBy(networks::current)
                .hasMessage("no network configuration (CNI) in " + base + "/first, " + base + "/second");
        drop("first/10-a.conflist", "one");
        assertThat(networks.current().name()).isEqualTo("one");
        drop("first/10-a.conflist", "another");
        assertThat(networks.current().name()).isEqualTo("another");
        Files.delete(base.resolve("first/10-a.conflist"));
        assertThatThrownBy(networks::current).isInstanceOf(Failure.class);
    }

    @Test
    void anUnchangedFileIsNotReadAgain() throws IOException {
        drop("first/10-a.conflist", "one");
        var networks = networks();
        assertThat(networks.current()).isSameAs(networks.current());
    }

    @Test
    void theReasonNamesTheFileAndWhatIsWrongWithIt() throws IOException {
        drop("first/10-a.conflist", "../no");
        Files.writeString(base.resolve("first/20-b.conflist"), "{");
        assertThatThrownBy(networks()::current)
                .hasMessageContaining("10-a.conflist: \"name\" is not the name of a network")
                .hasMessageContaining("20-b.conflist: not JSON")
                .extracting(e -> ((Failure) e).kind())
                .isEqualTo(Failure.Kind.UNAVAILABLE);
    }

    @Test
    void aFileThatIsTooLargeIsRefused() throws IOException {
        Files.createDirectories(base.resolve("first"));
        var file = base.resolve("first/10-a.conflist");
        var network = "{\"name\":\"n\",\"plugins\":[{\"type\":\"x\"}]}";
        Files.writeString(file, network + " ".repeat(NetworkConfiguration.LIMIT_BYTES - network.length()));
        assertThat(networks().current().name()).isEqualTo("n");
        Files.writeString(file, network + " ".repeat(NetworkConfiguration.LIMIT_BYTES - network.length() + 1));
        assertThatThrownBy(networks()::current).hasMessageContaining("larger than 1048576 bytes");
    }
}
