package io.keelson.server.stream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.util.ReferenceCountUtil;

/**
 * Looks at the head of every SPDY frame before the codec does (SPDY 3.1, section 2.2). Control frames are small among those who mean
 * well: one that announces more than that can only be for keeping millions of settings, or inflating headers, and ends the connection
 * before any of it is read. Data frames may have any size; they are passed on in pieces.
 */
final class SpdyFrameLimit extends ChannelInboundHandlerAdapter {
    /** Of one control frame, without its head. */
    static final int MOST_CONTROL_BYTES = 16 << 10;

    private static final int HEAD_BYTES = 8;
    private static final int LENGTH_AT = 5;
    private static final int CONTROL_BIT = 0x80;
    private static final int OCTET = 0xFF;

    private int headBytes;
    private boolean isControl;
    private int length;
    /** Of the current frame, after its head. */
    private int left;

    private boolean isOver;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (isOver) {
            ReferenceCountUtil.release(message);
        } else if (message instanceof ByteBuf bytes && !isWithinLimit(bytes)) {
            isOver = true;
            bytes.release();
            var _ = context.fireExceptionCaught(new TooLongFrameException("a control frame of " + length + " bytes"));
        } else {
            var _ = context.fireChannelRead(message);
        }
    }

    private boolean isWithinLimit(ByteBuf bytes) {
        for (var at = bytes.readerIndex(); at < bytes.writerIndex(); ) {
            if (left > 0) {
                var passed = Math.min(left, bytes.writerIndex() - at);
                left -= passed;
                at += passed;
            } else if (!isHeadWithinLimit(bytes.getByte(at++) & OCTET)) {
                return false;
            }
        }
        return true;
    }

    private boolean isHeadWithinLimit(int octet) {
        if (headBytes == 0) {
            isControl = (octet & CONTROL_BIT) != 0;
            length = 0;
        } else if (headBytes >= LENGTH_AT) {
            length = length << Byte.SIZE | octet;
        }
        headBytes = (headBytes + 1) % HEAD_BYTES;
        if (headBytes == 0) {
            left = length;
            return !isControl || length <= MOST_CONTROL_BYTES;
        }
        return true;
    }
}
