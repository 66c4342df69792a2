package io.keelson.server.stream;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** The platform's WebSocket client, saying what belongs to numbered channels. */
final class WebSocketClient implements AutoCloseable, WebSocket.Listener {
    private static final int PATIENCE_SECONDS = 10;

    private final boolean isBase64;
    private final WebSocket socket;
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private final Map<Integer, StringBuilder> channels = new HashMap<>();
    private final CompletableFuture<Integer> end = new CompletableFuture<>();

    private WebSocketClient(WebSocket.Builder builder, URI url, String subprotocol) {
        isBase64 = subprotocol.contains("base64");
        if (!subprotocol.isEmpty()) {
            builder.subprotocols(subprotocol);
        }
        socket = builder.buildAsync(URI.create(url.toString().replaceFirst("^http", "ws")), this)
                .join();
    }

    /** @param subprotocol empty for none */
    static WebSocketClient connect(URI url, String subprotocol) {
        return connect(HttpClient.newHttpClient(), url, subprotocol);
    }

    /** @throws CompletionException if the server or its certificate does not please */
    static WebSocketClient connect(HttpClient client, URI url, String subprotocol) {
        return new WebSocketClient(client.newWebSocketBuilder(), url, subprotocol);
    }

    String subprotocol() {
        return socket.getSubprotocol();
    }

    void send(int channel, String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        if (isBase64) {
            socket.sendText(channel + Base64.getEncoder().encodeToString(bytes), true)
                    .join();
        } else {
            socket.sendBinary(
                            ByteBuffer.allocate(1 + bytes.length)
                                    .put((byte) channel)
                                    .put(bytes)
                                    .flip(),
                            true)
                    .join();
        }
    }

    /** In the fifth version: nothing more comes on the channel. */
    void sendEnd(int channel) {
        socket.sendBinary(ByteBuffer.wrap(new byte[] {(byte) 255, (byte) channel}), true)
                .join();
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
        var bytes = new byte[data.remaining()];
        data.get(bytes);
        message.writeBytes(bytes);
        if (last) {
            received(message.toByteArray());
            message.reset();
        }
        from.request(1);
        return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        message.writeBytes(data.toString().getBytes(StandardCharsets.UTF_8));
        if (last) {
            var text = message.toString(StandardCharsets.US_ASCII);
            message.reset();
            var decoded = Base64.getDecoder().decode(text.substring(1));
            var whole = new byte[1 + decoded.length];
            whole[0] = (byte) (text.charAt(0) - '0');
            System.arraycopy(decoded, 0, whole, 1, decoded.length);
            received(whole);
        }
        from.request(1);
        return CompletableFuture.completedStage(null);
    }

    private synchronized void received(byte[] whole) {
        if (whole.length > 0) {
            channels.computeIfAbsent((int) whole[0], _ -> new StringBuilder())
                    .append(new String(whole, 1, whole.length - 1, StandardCharsets.ISO_8859_1));
            notifyAll();
        }
    }

    synchronized String received(int channel) {
        return channels.getOrDefault(channel, new StringBuilder()).toString();
    }

    /** Waits until this has come on the channel. */
    synchronized void await(int channel, String text) throws InterruptedException {
        var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!received(channel).contains(text)) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(text + " has not come on channel " + channel + ", but " + channels);
            }
            wait(100);
        }
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        end.complete(code);
        return CompletableFuture.completedStage(null);
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
        end.completeExceptionally(error);
    }

    /** The code with which the server closed. */
    int awaitEnd() throws Exception {
        return end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        socket.abort();
    }
}
