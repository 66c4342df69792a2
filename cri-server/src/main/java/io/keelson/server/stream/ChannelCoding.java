package io.keelson.server.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/** How messages of a WebSocket name their channel, in their first byte, and carry what is said on it. */
enum ChannelCoding {
    /** The number, then the bytes. */
    BINARY {
        @Override
        WebSocketFrame encode(int channel, byte[] bytes, int offset, int length) {
            return new BinaryWebSocketFrame(Unpooled.wrappedBuffer(
                    Unpooled.buffer(1).writeByte(channel), Unpooled.copiedBuffer(bytes, offset, length)));
        }

        @Override
        int channel(int first) {
            return first;
        }

        @Override
        byte[] decode(ByteBuf rest) {
            return ByteBufUtil.getBytes(rest);
        }
    },

    /** The number as a digit, then the bytes in base64: for clients in browsers. Beyond 9 the characters that follow the digits are used. */
    BASE64 {
        @Override
        WebSocketFrame encode(int channel, byte[] bytes, int offset, int length) {
            var piece = Arrays.copyOfRange(bytes, offset, offset + length);
            return new TextWebSocketFrame(
                    (char) ('0' + channel) + Base64.getEncoder().encodeToString(piece));
        }

        @Override
        int channel(int first) {
            return first - '0';
        }

        @Override
        byte[] decode(ByteBuf rest) {
            return Base64.getDecoder().decode(rest.toString(StandardCharsets.US_ASCII));
        }
    };

    abstract WebSocketFrame encode(int channel, byte[] bytes, int offset, int length);

    /** Whatever is no channel's number belongs to none. */
    abstract int channel(int first);

    /** @throws IllegalArgumentException if it is not so encoded */
    abstract byte[] decode(ByteBuf rest);
}
