package io.keelson.image.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DirectoryArchiveTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"/etc/passwd", "../outside", "a/../../outside", "a\u0000b"})
    void refusesNamesThatNoArchiveHas(String name) {
        try (var archive = Archive.at(directory, directory)) {
            assertThatThrownBy(() -> archive.size(name))
                    .isInstanceOfSatisfying(
                            Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID));
            assertThatThrownBy(() -> archive.open(name)).isInstanceOf(Failure.class);
        }
    }
}
