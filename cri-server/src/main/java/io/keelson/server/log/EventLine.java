package io.keelson.server.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/**
 * One event as one line: the journal's priority prefix (sd-daemon(3)), then {@code key=value} pairs with the message among
 * them. A value with anything but plain characters in it is quoted and escaped as in JSON, so that nothing that came from outside
 * can begin a line or a pair; a stack trace is one such value.
 */
final class EventLine extends EncoderBase<ILoggingEvent> {
    private static final int STACK_LIMIT_CHARS = 16 * 1024;

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        var line = new StringBuilder(200)
                .append('<')
                .append(priority(event.getLevel()))
                .append(">time=")
                .append(event.getInstant());
        pair(line, "level", event.getLevel().toString().toLowerCase(java.util.Locale.ROOT));
        pair(line, "logger", shortName(event.getLoggerName()));
        List<KeyValuePair> pairs = event.getKeyValuePairs();
        if (pairs != null) {
            pairs.forEach(each -> pair(line, each.key, String.valueOf(each.value)));
        }
        pair(line, "msg", event.getFormattedMessage());
        stack(line, event.getThrowableProxy());
        return line.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }

    private static int priority(Level level) {
        return switch (level.toInt()) {
            case Level.ERROR_INT -> 3;
            case Level.WARN_INT -> 4;
            case Level.INFO_INT -> 6;
            default -> 7;
        };
    }

    private static String shortName(String logger) {
        return logger.startsWith("io.keelson.") ? logger.substring("io.keelson.".length()) : logger;
    }

    private static void stack(StringBuilder line, @Nullable IThrowableProxy thrown) {
        if (thrown != null) {
            var stack = ThrowableProxyUtil.asString(thrown);
            pair(line, "stack", stack.substring(0, Math.min(stack.length(), STACK_LIMIT_CHARS)));
        }
    }

    private static void pair(StringBuilder line, String key, @Nullable String value) {
        line.append(' ').append(key).append('=');
        var text = value == null ? "" : value;
        if (!text.isEmpty() && text.chars().allMatch(EventLine::isPlain)) {
            line.append(text);
            return;
        }
        line.append('"');
        for (var i = 0; i < text.length(); i++) {
            escape(line, text.charAt(i));
        }
        line.append('"');
    }

    private static void escape(StringBuilder line, char c) {
        switch (c) {
            case '"' -> line.append("\\\"");
            case '\\' -> line.append("\\\\");
            case '\n' -> line.append("\\n");
            case '\t' -> line.append("\\t");
            default -> {
                if (Character.isISOControl(c) || Character.isSurrogate(c) || c == '\u2028' || c == '\u2029') {
                    line.append(String.format("\\u%04x", (int) c));
                } else {
                    line.append(c);
                }
            }
        }
    }

    private static boolean isPlain(int c) {
        return c > ' ' && c < 127 && c != '"' && c != '=' && c != '\\';
    }
}
