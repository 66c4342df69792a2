package io.keelson.server.config;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** From what is written to what is meant, by the type of the setting. */
final class SettingValue {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

    private SettingValue() {}

    static Object ofDefault(RecordComponent component) {
        var texts = Settings.annotation(component).value();
        if (component.getType() == List.class) {
            return List.of(texts).stream()
                    .map(text -> scalar(itemType(component), text))
                    .toList();
        }
        return scalar(component.getType(), texts[0]);
    }

    /** @throws Failure INVALID, saying what would be right */
    static Object of(RecordComponent component, Json json) {
        if (component.getType() != List.class) {
            return ofJson(component.getType(), json);
        }
        if (!(json instanceof Json.Arr(var items))) {
            throw Failure.invalid("a list is wanted, such as [\"a\", \"b\"]");
        }
        var values = new ArrayList<Object>();
        items.forEach(item -> values.add(ofJson(itemType(component), item)));
        return List.copyOf(values);
    }

    /** Of what a table of named entries is made. */
    static Class<?> entryType(RecordComponent component) {
        return typeArgument(component, 1);
    }

    private static Class<?> itemType(RecordComponent component) {
        return typeArgument(component, 0);
    }

    private static Class<?> typeArgument(RecordComponent component, int index) {
        return (Class<?>) ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[index];
    }

    private static Object ofJson(Class<?> type, Json json) {
        return switch (json) {
            case Json.Text(var text) when type != int.class && type != boolean.class -> scalar(type, text);
            case Json.Num(var number) when type == int.class -> scalar(type, number.toPlainString());
            case Json.Bool(var flag) when type == boolean.class -> flag;
            default -> throw Failure.invalid(wanted(type));
        };
    }

    private static String wanted(Class<?> type) {
        return type == int.class
                ? "a whole number is wanted"
                : type == boolean.class ? "true or false is wanted" : "a text in quotes is wanted";
    }

    private static Object scalar(Class<?> type, String text) {
        if (type == String.class) {
            return text;
        }
        if (type == Path.class) {
            return path(text);
        }
        if (type == Duration.class) {
            return duration(text);
        }
        if (type == boolean.class) {
            return Boolean.parseBoolean(text);
        }
        if (type == int.class) {
            return number(text);
        }
        for (var constant : type.getEnumConstants()) {
            if (Settings.text(constant).equals(text)) {
                return constant;
            }
        }
        throw Failure.invalid("\"" + text + "\" is not one of " + Settings.names(type));
    }

    private static Path path(String text) {
        if (text.indexOf('\0') >= 0 || !text.startsWith("/")) {
            throw Failure.invalid("\"" + text + "\" is not an absolute path");
        }
        return Path.of(text).normalize();
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new Failure(Failure.Kind.INVALID, text + " is not a number of at most 32 bits", e);
        }
    }

    private static Duration duration(String text) {
        var match = DURATION.matcher(text);
        if (!match.matches()) {
            throw Failure.invalid("\"" + text + "\" is not a duration such as \"500ms\", \"30s\", \"5m\" or \"1h\"");
        }
        var amount = Long.parseLong(match.group(1));
        return switch (match.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            default -> Duration.ofHours(amount);
        };
    }
}
