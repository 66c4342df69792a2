package io.keelson.e2e.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class DigestImageTest {
    @Test
    void itHasTheDigestThatTheOtherCritestIsBuiltWith() {
        var digest = TestImages.digestImage().list(List.of("amd64", "arm64")).digest();

        assertThat(Path.of("images", "digest")).hasContent(digest);
    }
}
