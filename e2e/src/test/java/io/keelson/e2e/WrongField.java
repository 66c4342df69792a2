package io.keelson.e2e;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A field of a request that can have a wrong value, found by looking at what the API says. */
record WrongField(List<FieldDescriptor> path) {
    private static final int TOO_LONG = 70_000;
    private static final int NO_SUCH_ENUM = 9999;

    WrongField {
        path = List.copyOf(path);
    }

    /** All of a request, in its messages too. */
    static List<WrongField> of(Message request) {
        var found = new ArrayList<WrongField>();
        collect(request, List.of(), found);
        return found;
    }

    private static void collect(Message message, List<FieldDescriptor> above, List<WrongField> found) {
        for (var field : message.getDescriptorForType().getFields()) {
            var path = new ArrayList<>(above);
            path.add(field);
            if (field.getJavaType() == JavaType.MESSAGE) {
                collect(message.newBuilderForType().newBuilderForField(field).getDefaultInstanceForType(), path, found);
            } else if (field.getJavaType() != JavaType.BOOLEAN) {
                found.add(new WrongField(path));
            }
        }
    }

    /** As in {@code config.linux.sysctls.key}. */
    String name() {
        return path.stream().map(FieldDescriptor::getName).collect(Collectors.joining("."));
    }

    List<Object> values() {
        return switch (path.getLast().getJavaType()) {
            case STRING -> List.of("a\0b", "a\nb", "../../etc/passwd", "x".repeat(TOO_LONG));
            case BYTE_STRING -> List.of(ByteString.copyFrom(new byte[] {(byte) 0xff}), ByteString.copyFromUtf8("a\0b"));
            case INT -> List.of(-1, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case LONG -> List.of(-1L, Long.MIN_VALUE, Long.MAX_VALUE);
            case ENUM -> List.of(unknown());
            case FLOAT, DOUBLE, BOOLEAN, MESSAGE ->
                throw new AssertionError("no request has a field such as " + name());
        };
    }

    /** What is wrong with it, in a word. */
    static String shape(Object value) {
        return switch (value) {
            case String text when text.indexOf('\0') >= 0 -> "NUL";
            case String text when text.indexOf('\n') >= 0 -> "LF";
            case String text when text.startsWith("..") -> "UP";
            case ByteString bytes -> bytes.isValidUtf8() ? "NUL" : "NOT_TEXT";
            case Number number when number.longValue() == -1 -> "NEGATIVE";
            case Number number when number.longValue() < 0 -> "LOWEST";
            case Number _ -> "HIGHEST";
            case EnumValueDescriptor _ -> "UNKNOWN";
            default -> "LONG";
        };
    }

    private EnumValueDescriptor unknown() {
        return path.getLast().getEnumType().findValueByNumberCreatingIfUnknown(NO_SUCH_ENUM);
    }

    /** The request with this value in the field; of several the first one is changed. */
    Message in(Message request, Object value) {
        return changed(request, path, value);
    }

    private static Message changed(Message message, List<FieldDescriptor> path, Object value) {
        var builder = message.toBuilder();
        var field = path.getFirst();
        var isFirst = !field.isRepeated() || message.getRepeatedFieldCount(field) == 0;
        Object content = value;
        if (path.size() > 1) {
            content = changed(current(message, builder, field, isFirst), path.subList(1, path.size()), value);
        }
        if (!field.isRepeated()) {
            builder.setField(field, content);
        } else if (isFirst) {
            builder.addRepeatedField(field, content);
        } else {
            builder.setRepeatedField(field, 0, content);
        }
        return builder.build();
    }

    private static Message current(Message message, Message.Builder builder, FieldDescriptor field, boolean isFirst) {
        if (!field.isRepeated()) {
            return (Message) message.getField(field);
        }
        return isFirst ? builder.newBuilderForField(field).build() : (Message) message.getRepeatedField(field, 0);
    }
}
