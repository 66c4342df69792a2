package io.keelson.e2e;

import static io.keelson.e2e.TestRegistry.reference;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.keelson.e2e.images.Materials;
import io.keelson.e2e.images.Registry;
import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Program;
import io.keelson.e2e.node.RegistryServer;
import io.keelson.e2e.node.Setup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pulls that cannot succeed: a definite code, a message, nothing left, and the same pull works when the cause is gone. */
class BadImagesIT {
    @TempDir
    static Path directory;

    @TempDir
    Path registryDirectory;

    private static Node node;
    private Leftovers leftovers;

    @BeforeAll
    static void start() throws Exception {
        node = Node.start(directory, TestRegistry.daemon(), Setup.with(TestRegistry.server()));
    }

    @AfterAll
    static void end() {
        node.close();
    }

    @BeforeEach
    void remember() throws Exception {
        leftovers = Leftovers.before(node.place(), file -> false);
    }

    @AfterEach
    void removeImages() {
        Requests.removeAllImages(node.cri());
    }

    @Test
    void aReferenceThatIsNone() throws Exception {
        Refused.with(Code.INVALID_ARGUMENT, () -> pull("UPPER/case:tag"), "UPPER/case");
        Refused.with(Code.INVALID_ARGUMENT, () -> pull(""));
        leftovers.assertNone();
    }

    @Test
    void aTagThatIsNotThereWorksOnceItIsPushed() throws Exception {
        try (var own = RegistryServer.start(registryDirectory);
                var registry = new Registry(own.address())) {
            var name = own.address() + "/" + TestImages.BUSYBOX;
            Refused.with(Code.NOT_FOUND, () -> pull(name), TestImages.BUSYBOX);
            leftovers.assertNone();

            materials(registry).pushBusybox();
            assertThat(pull(name)).startsWith("sha256:");
        }
    }

    @Test
    void aRegistryThatDoesNotAnswerIsSaidInKubeletsWord() throws Exception {
        Refused.with(Code.UNKNOWN, () -> pull("127.0.0.1:1/nobody/listens:1"), "RegistryUnavailable: ", "127.0.0.1:1");
        leftovers.assertNone();
    }

    @Test
    void anImageForNoPlatformOfOurs() throws Exception {
        Refused.with(
                Code.INVALID_ARGUMENT,
                () -> pull(reference("keelson/wrong-platform")),
                "linux/" + TestImages.architecture());
        leftovers.assertNone();
    }

    @Test
    void aLayerThatIsNotWhatItsConfigurationSays() throws Exception {
        Refused.with(Code.INVALID_ARGUMENT, () -> pull(reference("keelson/wrong-diffid")), "sha256:");
        leftovers.assertNone();
    }

    @Test
    void aBlobThatChangedInTheRegistryWorksOnceItIsRepaired() throws Exception {
        try (var own = RegistryServer.start(registryDirectory);
                var registry = new Registry(own.address())) {
            materials(registry).pushBusybox();
            var blob = largestBlob();
            var content = Files.readAllBytes(blob);
            var changed = content.clone();
            changed[changed.length / 2] ^= 1;
            Files.write(blob, changed);
            var name = own.address() + "/" + TestImages.BUSYBOX;

            Refused.with(Code.INVALID_ARGUMENT, () -> pull(name), "sha256:");
            leftovers.assertNone();

            Files.write(blob, content);
            assertThat(pull(name)).startsWith("sha256:");
        }
    }

    private String pull(String image) {
        return Requests.pull(node.cri(), image);
    }

    private static TestImages materials(Registry registry) throws Exception {
        return new TestImages(new Materials(Path.of(Program.required("keelson.materials"))), registry);
    }

    private Path largestBlob() throws Exception {
        try (var walk = Files.walk(registryDirectory)) {
            List<Path> blobs = walk.filter(path -> path.endsWith("data")).toList();
            var largest = blobs.getFirst();
            for (var blob : blobs) {
                largest = Files.size(blob) > Files.size(largest) ? blob : largest;
            }
            return largest;
        }
    }
}
