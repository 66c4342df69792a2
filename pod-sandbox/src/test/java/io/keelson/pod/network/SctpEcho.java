package io.keelson.pod.network;

import java.io.IOException;

/** SCTP, which Java speaks only with a library, by Python. */
final class SctpEcho {
    private static final String PYTHON = "/usr/bin/python3";

    private SctpEcho() {}

    /** Whether this kernel has the protocol. */
    static boolean isPossible() throws IOException {
        try {
            return new ProcessBuilder(
                                    PYTHON,
                                    "-c",
                                    "import socket; socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132)")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Tells one client its address, and ends. */
    static void serve(TestNamespace namespace, int port) {
        Thread.ofPlatform().daemon().start(() -> namespace.execute(PYTHON, "-c", """
                import socket
                server = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132)
                server.bind(('', %d))
                server.listen()
                client, address = server.accept()
                client.sendall(address[0].encode())
                client.close()
                """.formatted(port)));
    }

    static String ask(TestNamespace namespace, String address, int port) {
        return namespace.execute(PYTHON, "-c", """
                import socket, time
                end = time.time() + 10
                while True:
                    try:
                        client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132)
                        client.connect(('%s', %d))
                        break
                    except OSError:
                        if time.time() > end: raise
                        time.sleep(0.05)
                print(client.recv(100).decode(), end='')
                """.formatted(address, port));
    }
}
