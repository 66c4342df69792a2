package io.keelson.server.config;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A configuration as the file that would make it. */
public final class ConfigurationText {
    private ConfigurationText() {}

    /** What is in force, every setting with its value. */
    public static String effective(Configuration configuration) {
        var text = new StringBuilder();
        table(text, configuration, "", "");
        return text.toString();
    }

    /** Every setting explained, with its default, and commented out. */
    public static String sample() {
        var text = new StringBuilder("""
                # Keelson's configuration. Every setting is optional: this file shows the defaults.
                # Files /etc/keelson/keelson.d/*.toml are read after it, in lexical order, and beat it key by key.
                """);
        table(text, Configuration.defaults(), "", "#");
        return text.toString();
    }

    private static void table(StringBuilder text, Object table, String name, String comment) {
        var nested = new StringBuilder();
        for (var component : Settings.of(table.getClass())) {
            var key = Settings.key(component);
            var full = name.isEmpty() ? key : name + "." + key;
            var value = get(component, table);
            if (value instanceof Record record) {
                heading(nested, component, full, comment, true);
                table(nested, record, full, comment);
            } else if (value instanceof Map<?, ?> entries) {
                heading(nested, component, full + ".NAME", comment, false);
                entries.forEach((entry, settings) -> {
                    nested.append('[').append(full).append('.').append(entry).append("]\n");
                    table(nested, settings, full + "." + entry, comment);
                });
            } else {
                if (!comment.isEmpty()) {
                    text.append("\n# ")
                            .append(Settings.annotation(component).help())
                            .append('\n');
                }
                text.append(comment)
                        .append(key)
                        .append(" = ")
                        .append(literal(value))
                        .append('\n');
            }
        }
        text.append(nested);
    }

    private static void heading(
            StringBuilder text, RecordComponent component, String name, String comment, boolean isReal) {
        if (comment.isEmpty() && !isReal) {
            return;
        }
        text.append('\n');
        if (!comment.isEmpty()) {
            text.append("# ").append(Settings.annotation(component).help()).append('\n');
        }
        text.append(isReal ? "" : comment).append('[').append(name).append("]\n");
        if (!isReal) {
            example(text, SettingValue.entryType(component), comment);
        }
    }

    /** The settings of one entry; indented, since none of them counts without the entry's heading. */
    private static void example(StringBuilder text, Class<?> entry, String comment) {
        for (var component : Settings.of(entry)) {
            text.append(comment)
                    .append("  # ")
                    .append(Settings.annotation(component).help())
                    .append('\n')
                    .append(comment)
                    .append("  ")
                    .append(Settings.key(component))
                    .append(" = ")
                    .append(literal(SettingValue.ofDefault(component)))
                    .append('\n');
        }
    }

    private static Object get(RecordComponent component, Object table) {
        try {
            return component.getAccessor().invoke(table);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String literal(Object value) {
        return switch (value) {
            case Integer number -> number.toString();
            case Boolean flag -> flag.toString();
            case List<?> items ->
                items.stream().map(ConfigurationText::literal).collect(Collectors.joining(", ", "[", "]"));
            case Duration duration ->
                quoted(duration.toMillis() % 1000 == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms");
            case Enum<?> constant -> quoted(Settings.text(constant));
            default -> quoted(value.toString());
        };
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
