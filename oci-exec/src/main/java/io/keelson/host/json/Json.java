package io.keelson.host.json;

import io.keelson.host.failure.Failure;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A JSON value (RFC 8259), immutable. Reading is strict: duplicate keys, trailing data, a byte order mark, non-numbers and
 * nesting deeper than {@value #MAX_DEPTH} are refused, since what two readers understand differently is a way in. It uses
 * Jackson's streaming parser alone, which keeps start-up and memory small.
 */
public sealed interface Json {
    /** Deepest nesting of objects and arrays that is read. */
    int MAX_DEPTH = 64;

    /** Values by key, in the order in which they were written. */
    record Obj(Map<String, Json> members) implements Json {
        public Obj {
            members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
        }

        /** The value under this key; absent for a key that is missing or null. */
        public Optional<Json> find(String key) {
            return Optional.ofNullable(value(key));
        }

        public boolean has(String key) {
            return value(key) != null;
        }

        /** @throws Failure INVALID, here and below, where the value is missing or of another type. */
        public String text(String key) {
            return required(Text.class, key).value();
        }

        public Optional<String> findText(String key) {
            return has(key) ? Optional.of(text(key)) : Optional.empty();
        }

        /** Empty if missing. */
        public String textOrEmpty(String key) {
            return findText(key).orElse("");
        }

        public long number(String key) {
            return required(Num.class, key).asLong(key);
        }

        public long numberOr(String key, long otherwise) {
            return findNumber(key).orElse(otherwise);
        }

        public Optional<Long> findNumber(String key) {
            return has(key) ? Optional.of(number(key)) : Optional.empty();
        }

        /** False if missing. */
        public boolean flag(String key) {
            return has(key) && required(Bool.class, key).value();
        }

        public Obj object(String key) {
            return required(Obj.class, key);
        }

        public Optional<Obj> findObject(String key) {
            return has(key) ? Optional.of(object(key)) : Optional.empty();
        }

        /** Empty if missing. */
        public List<Json> array(String key) {
            return has(key) ? required(Arr.class, key).items() : List.of();
        }

        /** An array of objects, empty if missing. */
        public List<Obj> objects(String key) {
            return each(key, value -> as(Obj.class, key, value));
        }

        /** An array of strings, empty if missing. */
        public List<String> texts(String key) {
            return each(key, value -> as(Text.class, key, value).value());
        }

        /** An array of 64-bit integers, empty if missing. */
        public List<Long> numbers(String key) {
            return each(key, value -> as(Num.class, key, value).asLong(key));
        }

        /** Without a stream: most arrays are empty, and records are read by the hundred before that code is compiled. */
        private <T> List<T> each(String key, Function<Json, T> step) {
            var items = array(key);
            if (items.isEmpty()) {
                return List.of();
            }
            var results = new ArrayList<T>(items.size());
            for (var item : items) {
                results.add(step.apply(item));
            }
            return Collections.unmodifiableList(results);
        }

        private @Nullable Json value(String key) {
            var value = members.get(key);
            return value instanceof Null ? null : value;
        }

        private <T extends Json> T required(Class<T> type, String key) {
            var value = value(key);
            if (value == null) {
                throw missing(key);
            }
            return as(type, key, value);
        }

        /** An object whose values are strings, empty if missing. */
        public Map<String, String> textMap(String key) {
            if (!has(key)) {
                return Map.of();
            }
            var result = new LinkedHashMap<String, String>();
            for (var member : object(key).members().entrySet()) {
                var value = member.getValue();
                result.put(
                        member.getKey(),
                        value instanceof Text(var text)
                                ? text
                                : as(Text.class, key + "." + member.getKey(), value)
                                        .value());
            }
            return Collections.unmodifiableMap(result);
        }

        /** @throws Failure INVALID if there is any other key: what a reader does not know, it would leave out */
        public void requireOnly(Set<String> keys) {
            members.keySet().stream()
                    .filter(key -> !keys.contains(key))
                    .findFirst()
                    .ifPresent(key -> {
                        throw Failure.invalid("\"" + key + "\" is not known here");
                    });
        }

        private static <T extends Json> T as(Class<T> type, String key, Json value) {
            if (!type.isInstance(value)) {
                throw Failure.invalid("\"" + key + "\" is " + kind(value) + ", not "
                        + switch (type.getSimpleName()) {
                            case "Obj" -> "an object";
                            case "Arr" -> "an array";
                            case "Text" -> "a string";
                            case "Num" -> "a number";
                            default -> "a boolean";
                        });
            }
            return type.cast(value);
        }

        private static Failure missing(String key) {
            return Failure.invalid("\"" + key + "\" is missing");
        }
    }

    record Arr(List<Json> items) implements Json {
        public Arr {
            items = List.copyOf(items);
        }
    }

    record Text(String value) implements Json {}

    record Num(BigDecimal value) implements Json {
        long asLong(String key) {
            try {
                return value.longValueExact();
            } catch (ArithmeticException e) {
                throw new Failure(Failure.Kind.INVALID, "\"" + key + "\" is not a 64-bit integer", e);
            }
        }
    }

    record Bool(boolean value) implements Json {}

    record Null() implements Json {}

    /** A value that was written before by {@link #toBytes}, to become part of another without being read. */
    record Written(byte[] bytes) implements Json {}

    /** Collects the members of an object; a key that is put twice keeps its last value. */
    final class Builder {
        private final Map<String, Json> members = new LinkedHashMap<>();

        private Builder() {}

        public Builder put(String key, Json value) {
            members.put(key, value);
            return this;
        }

        public Builder put(String key, Builder value) {
            return put(key, value.build());
        }

        public Builder put(String key, String value) {
            return put(key, new Text(value));
        }

        public Builder put(String key, long value) {
            return put(key, new Num(BigDecimal.valueOf(value)));
        }

        public Builder put(String key, boolean value) {
            return put(key, new Bool(value));
        }

        /** An array of strings. */
        public Builder putTexts(String key, Iterable<String> values) {
            var items = new ArrayList<Json>();
            values.forEach(value -> items.add(new Text(value)));
            return put(key, new Arr(items));
        }

        public Builder putAll(String key, Iterable<? extends Json> values) {
            var items = new ArrayList<Json>();
            values.forEach(items::add);
            return put(key, new Arr(items));
        }

        public Builder putTextMap(String key, Map<String, String> values) {
            var object = object();
            values.forEach(object::put);
            return put(key, object);
        }

        public Obj build() {
            return new Obj(members);
        }
    }

    static Builder object() {
        return new Builder();
    }

    static Json text(String value) {
        return new Text(value);
    }

    static Json number(long value) {
        return new Num(BigDecimal.valueOf(value));
    }

    /**
     * Reads one JSON value in UTF-8. The caller bounds the number of bytes.
     *
     * @throws Failure INVALID, with line and column
     */
    static Json parse(byte[] bytes) {
        return JsonCodec.parse(bytes);
    }

    /** Reads one JSON value that must be an object. */
    static Obj parseObject(byte[] bytes) {
        if (parse(bytes) instanceof Obj object) {
            return object;
        }
        throw Failure.invalid("not a JSON object");
    }

    /** One member of an object that {@link #toBytes} wrote, read as far as that member and no further. */
    static Optional<Json> memberOf(byte[] bytes, String key) {
        return JsonCodec.member(bytes, key);
    }

    /** This value in UTF-8, without line breaks. */
    default byte[] toBytes() {
        return JsonCodec.write(this);
    }

    private static String kind(Json value) {
        return switch (value) {
            case Obj _ -> "an object";
            case Arr _ -> "an array";
            case Text _ -> "a string";
            case Num _ -> "a number";
            case Bool _ -> "a boolean";
            case Null _ -> "null";
            case Written _ -> "not read";
        };
    }
}
