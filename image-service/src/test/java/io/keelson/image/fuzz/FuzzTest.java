package io.keelson.image.fuzz;

import static org.assertj.core.api.Assertions.assertThatCode;

import io.keelson.image.ConfigFuzz;
import io.keelson.image.blob.ManifestFuzz;
import io.keelson.image.compression.InflateFuzz;
import io.keelson.image.hosts.HostsFuzz;
import io.keelson.image.reference.ReferenceFuzz;
import io.keelson.image.registry.ChallengeFuzz;
import io.keelson.image.registry.HeaderFuzz;
import io.keelson.image.registry.LinkFuzz;
import io.keelson.image.registry.RegistriesFuzz;
import io.keelson.image.tar.PaxFuzz;
import io.keelson.image.tar.TarFuzz;
import io.keelson.image.transfer.ArchiveFuzz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each target with as many inputs as the property {@code keelson.fuzz.inputs} says, or a share of them, the same in every run; with another
 * {@code keelson.fuzz.number} they are others. How many each had is written to {@code target/fuzz}, for e2e/check to say.
 */
class FuzzTest {
    private static final int INPUTS = Integer.getInteger("keelson.fuzz.inputs", 3000);
    private static final Path COUNTS = Path.of("target/fuzz");
    private static final long NUMBER = Long.getLong("keelson.fuzz.number", 1);

    interface Target {
        void run(byte[] input) throws Exception;
    }

    /** @param share of the inputs that it is given: what costs more is given fewer */
    record Named(String name, int share, List<byte[]> seeds, Target target) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Named> targets() {
        return Stream.of(
                new Named("tar", 3, TarFuzz.seeds(), TarFuzz::fuzzerTestOneInput),
                new Named("PAX", 1, PaxFuzz.seeds(), PaxFuzz::fuzzerTestOneInput),
                new Named("inflate", 10, InflateFuzz.seeds(), InflateFuzz::fuzzerTestOneInput),
                new Named("manifest", 1, ManifestFuzz.seeds(), ManifestFuzz::fuzzerTestOneInput),
                new Named("config", 1, ConfigFuzz.seeds(), ConfigFuzz::fuzzerTestOneInput),
                new Named("reference", 1, ReferenceFuzz.seeds(), ReferenceFuzz::fuzzerTestOneInput),
                new Named("challenge", 1, ChallengeFuzz.seeds(), ChallengeFuzz::fuzzerTestOneInput),
                new Named("headers", 1, HeaderFuzz.seeds(), HeaderFuzz::fuzzerTestOneInput),
                new Named("saved archives", 3, ArchiveFuzz.seeds(), ArchiveFuzz::fuzzerTestOneInput),
                new Named("links", 1, LinkFuzz.seeds(), LinkFuzz::fuzzerTestOneInput),
                new Named("registries.conf", 1, RegistriesFuzz.seeds(), RegistriesFuzz::fuzzerTestOneInput),
                new Named("hosts.toml", 1, HostsFuzz.seeds(), HostsFuzz::fuzzerTestOneInput));
    }

    @ParameterizedTest
    @MethodSource("targets")
    void takesAnyInputOrRefusesIt(Named target) throws IOException {
        var mutator = new Mutator(NUMBER, target.seeds());
        var inputs = 0;
        for (var seed : target.seeds()) {
            check(target, seed);
            inputs++;
        }
        for (var i = 0; i < INPUTS / target.share(); i++) {
            check(target, mutator.next());
            inputs++;
        }
        Files.writeString(Files.createDirectories(COUNTS).resolve(target.name()), inputs + "\n");
    }

    private static void check(Named target, byte[] input) {
        assertThatCode(() -> target.target().run(input))
                .as("input %s", Base64.getEncoder().encodeToString(input))
                .doesNotThrowAnyException();
    }
}
