package io.keelson.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.image.registry.Credentials;
import io.keelson.image.registry.FakeRegistry.Request;
import io.keelson.image.registry.Quirks;
import io.keelson.image.registry.QuirkyRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Pulling from every registry service that clusters pull from. */
@Timeout(60)
class RegistryQuirksTest {
    static final List<Quirks> ALL = Quirks.ALL;

    @TempDir
    Path root;

    @ParameterizedTest
    @FieldSource("ALL")
    void imageIsPulledOnceLoggedInOnceAndFoundByOneHeadLater(Quirks quirks) throws IOException {
        try (var service = new QuirkyRegistry(quirks);
                var node = new Node(root)) {
            var image = serve(service);

            assertThat(node.pull(service.name("v1"), quirks.user())).isEqualTo(image.id());

            var tokens = quirks.tokenPath().isEmpty() ? 0 : 1;
            assertThat(service.tokensAsked()).isEqualTo(tokens);
            service.forgetRequests();
            assertThat(node.pull(service.name("v1"), quirks.user())).isEqualTo(image.id());
            assertThat(service.tokensAsked()).isZero();
            assertThat(service.registry.requests())
                    .extracting(Request::method)
                    .containsOnly("HEAD")
                    // A password is shown when it is asked for, a token as long as it holds.
                    .hasSize(2 - tokens);
        }
    }

    @Tag("T33")
    @ParameterizedTest
    @FieldSource("ALL")
    void storeThatBlobsAreRedirectedToSeesNoSecret(Quirks quirks) throws IOException {
        try (var service = new QuirkyRegistry(quirks);
                var node = new Node(root)) {
            serve(service);

            node.pull(service.name("v1"), quirks.user());

            assertThat(service.requestsToTheStore())
                    .hasSize(quirks.blobRedirect() == 0 ? 0 : 3)
                    .allSatisfy(request -> assertThat(request.authorization()).isEmpty());
        }
    }

    @ParameterizedTest
    @FieldSource("ALL")
    void wrongCredentialsAreRefusedAndInNoMessage(Quirks quirks) throws IOException {
        try (var service = new QuirkyRegistry(quirks);
                var node = new Node(root)) {
            serve(service);

            assertThatThrownBy(() -> node.pull(service.name("v1"), Credentials.basic("somebody", "wr0ng")))
                    .isInstanceOfSatisfying(
                            Failure.class,
                            failure -> assertThat(failure.kind())
                                    .isEqualTo(
                                            quirks.refusal() == 403
                                                    ? Failure.Kind.DENIED
                                                    : Failure.Kind.UNAUTHENTICATED))
                    .hasMessageContaining(service.registry.host())
                    .satisfies(failure -> assertThat(failure.toString()).doesNotContain("wr0ng"));
        }
    }

    private static TestImage serve(QuirkyRegistry service) {
        var image = TestImage.of("one", "two").in(service.registry, "v1");
        service.blob(image.config()).blob(image.blob(0)).blob(image.blob(1));
        return image;
    }
}
