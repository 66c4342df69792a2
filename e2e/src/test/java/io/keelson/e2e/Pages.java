package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.awaitility.Awaitility;

/** What HTTP servers in containers answer. */
final class Pages {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private Pages() {}

    /** Fails unless the page is soon served; a server needs a moment after its container was started. */
    static void assertServed(String address, String body) {
        try (var http =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build()) {
            var request = HttpRequest.newBuilder(URI.create(address))
                    .timeout(Duration.ofSeconds(5))
                    .build();
            Awaitility.await(address)
                    .atMost(PATIENCE)
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(
                                    http.send(request, BodyHandlers.ofString()).body())
                            .isEqualTo(body));
        }
    }
}
