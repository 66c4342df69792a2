package io.keelson.pod;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.util.List;
import java.util.OptionalLong;

/** Numbers in JSON that may be absent, or several. */
public final class Numbers {
    private Numbers() {}

    /** @throws Failure INVALID if it is missing, or needs more than 32 bits */
    public static int integer(Json.Obj json, String key) {
        var number = json.number(key);
        if (number != (int) number) {
            throw Failure.invalid("\"" + key + "\" is not a 32-bit integer");
        }
        return (int) number;
    }

    public static OptionalLong find(Json.Obj json, String key) {
        return json.findNumber(key).map(OptionalLong::of).orElse(OptionalLong.empty());
    }

    public static void put(Json.Builder json, String key, OptionalLong value) {
        value.ifPresent(number -> json.put(key, number));
    }

    public static void putAll(Json.Builder json, String key, List<Long> values) {
        json.putTexts(key, values.stream().map(String::valueOf).toList());
    }

    public static List<Long> all(Json.Obj json, String key) {
        return json.texts(key).stream().map(Long::valueOf).toList();
    }
}
