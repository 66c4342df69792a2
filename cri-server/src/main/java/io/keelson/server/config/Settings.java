package io.keelson.server.config;

import io.keelson.host.failure.Failure;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Names and kinds of settings, taken from the records. */
final class Settings {
    private Settings() {}

    static List<RecordComponent> of(Class<?> table) {
        return List.of(table.getRecordComponents());
    }

    static Setting annotation(RecordComponent component) {
        var setting = component.getAnnotation(Setting.class);
        if (setting == null) {
            throw new IllegalStateException(component + " is not a setting");
        }
        return setting;
    }

    /** {@code hostPorts} is {@code host_ports} in the file. */
    static String key(RecordComponent component) {
        return component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    /** How a constant is written in the file. */
    static String text(Object constant) {
        return constant.toString().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Optional<RecordComponent> find(Class<?> table, String key) {
        return of(table).stream().filter(each -> key(each).equals(key)).findFirst();
    }

    static Failure unknown(Class<?> table, String prefix, String key) {
        var known = of(table).stream().map(Settings::key).toList();
        return Failure.invalid(unknownText(prefix, key, known));
    }

    static String names(Class<?> enumeration) {
        return String.join(", ", names(enumeration.getEnumConstants()));
    }

    private static List<String> names(Object[] constants) {
        return Arrays.stream(constants).map(Settings::text).toList();
    }

    private static String unknownText(String prefix, String key, List<String> known) {
        var nearest = known.stream()
                .min((a, b) -> Integer.compare(distance(key, a), distance(key, b)))
                .filter(each -> distance(key, each) <= Math.max(2, key.length() / 3));
        return "unknown key \"" + prefix + key + "\""
                + nearest.map(each -> "; did you mean \"" + prefix + each + "\"?")
                        .orElse("; known are " + String.join(", ", known));
    }

    /** How many letters must be put in, taken out or replaced to make one of the other. */
    static int distance(String from, String to) {
        var previous = new ArrayList<Integer>();
        for (var j = 0; j <= to.length(); j++) {
            previous.add(j);
        }
        for (var i = 1; i <= from.length(); i++) {
            var row = new ArrayList<Integer>(List.of(i));
            for (var j = 1; j <= to.length(); j++) {
                var replaced = previous.get(j - 1) + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                row.add(Math.min(replaced, 1 + Math.min(previous.get(j), row.get(j - 1))));
            }
            previous.clear();
            previous.addAll(row);
        }
        return previous.get(to.length());
    }
}
