package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Program;
import io.keelson.proto.ExecRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Streams over TLS, with certificates on both sides, by Kubernetes' own client libraries. */
@Tag("trap-15")
class StreamEncryptedIT {
    /** What the Go client ends with when it could not talk at all. */
    private static final int FAILED = 250;

    @TempDir
    static Path directory;

    private static Node node;
    private static StreamScene scene;
    private static String container;

    @BeforeAll
    static void startNode() throws Exception {
        makeCertificate("server");
        makeCertificate("client");
        makeCertificate("stranger");
        Files.writeString(Files.createDirectory(directory.resolve("keelson.d")).resolve("tls.toml"), """
                [streaming.tls]
                certificate = "%s"
                key = "%s"
                client_authorities = "%s"
                """.formatted(
                        certificate("server"), key("server"), certificate("client")));
        node = StreamScene.node(directory);
        scene = StreamScene.in(node);
        container = scene.start(StreamScene.container(StreamScene.IDLE));
    }

    @AfterAll
    static void nothingIsLeft() throws Exception {
        try {
            if (scene != null) {
                scene.end();
            }
        } finally {
            if (node != null) {
                node.close();
            }
        }
    }

    private static Path certificate(String name) {
        return directory.resolve(name + ".crt");
    }

    private static Path key(String name) {
        return directory.resolve(name + ".key");
    }

    private static void makeCertificate(String name) throws IOException, InterruptedException {
        var line = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" + name
                + " -addext subjectAltName=IP:127.0.0.1 -keyout " + key(name) + " -out " + certificate(name);
        Program.run(directory, List.of(line.split(" "))).expectSuccess();
    }

    private static String execUrl(String... command) {
        return scene.execUrl(ExecRequest.newBuilder()
                .setContainerId(container)
                .addAllCmd(List.of(command))
                .setStdout(true)
                .setStderr(true));
    }

    private static StreamClient client(String verb, StreamProtocol protocol, String as, String... arguments)
            throws IOException {
        var all = new ArrayList<>(List.of("-authority=" + certificate("server")));
        if (!as.isEmpty()) {
            all.addAll(List.of("-certificate=" + certificate(as), "-key=" + key(as)));
        }
        all.addAll(List.of(arguments));
        return scene.client(verb, protocol, all.toArray(String[]::new));
    }

    private static void assertExecWorks(StreamProtocol protocol) throws Exception {
        var url = execUrl("sh", "-c", "head -c 1000000 /dev/zero; echo err >&2; exit 7");
        assertThat(url).startsWith("https://127.0.0.1:");
        try (var client = client("talk", protocol, "client", url)) {
            var answer = client.await();

            assertThat(answer.exitCode()).as(answer.stderr()).isEqualTo(7);
            assertThat(answer.bytes()).hasSize(1_000_000);
            assertThat(answer.stderr()).isEqualTo("err\n");
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoHasACertificateTalksAndForwards(StreamProtocol protocol) throws Exception {
        assertExecWorks(protocol);
        try (var client = client("refused", protocol, "client", "7998", "7999", scene.forwardUrl())) {
            var answer = client.await();

            assertThat(answer.stdout()).containsPattern("refused: .*port 7998.*[Cc]onnection refused");
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoHasNoneOrAnothersIsNotLetIn(StreamProtocol protocol) throws Exception {
        for (var as : List.of("", "stranger")) {
            try (var client = client("talk", protocol, as, execUrl("true"))) {
                assertThat(client.await().exitCode()).isEqualTo(FAILED);
            }
        }
    }

    @Test
    void certificatesAreRenewedWithoutARestartAndBadOnesStopTheNextStart() throws Exception {
        makeCertificate("server");
        assertExecWorks(StreamProtocol.SPDY);
        var pid = node.pid();

        var good = Files.readString(key("server"));
        Files.writeString(key("server"), "no key");
        assertExecWorks(StreamProtocol.WEBSOCKET);
        assertThat(node.log()).contains("certificates-not-renewed");
        assertThat(node.pid()).isEqualTo(pid);

        node.kill();
        var second = node.startAnother();
        assertThat(second.exitCode()).isNotZero();
        assertThat(second.stdout() + second.stderr())
                .contains("streaming.tls.key", key("server").toString(), "there is no private key in PEM in it");

        Files.writeString(key("server"), good);
        node.restart();
        assertExecWorks(StreamProtocol.SPDY);
    }
}
