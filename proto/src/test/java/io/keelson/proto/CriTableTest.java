package io.keelson.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FieldOptions;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Compares the compiled descriptors with the table of CRI v1's facts, both ways: what either one alone has is a difference on
 * the wire. The table has a line for every field, enum constant and call, and for every message without fields.
 */
class CriTableTest {
    private static final FileDescriptor API = VersionRequest.getDescriptor().getFile();

    /** The one nested enum, whose constants the table leaves out. */
    private static final List<String> NESTED = List.of(
            fact("enum", "SecurityProfile.ProfileType", "RuntimeDefault", "0", "-", "-"),
            fact("enum", "SecurityProfile.ProfileType", "Unconfined", "1", "-", "-"),
            fact("enum", "SecurityProfile.ProfileType", "Localhost", "2", "-", "-"));

    @Test
    void everyFactOfTheTableIsCompiled() {
        assertThat(compiled()).containsAll(table());
    }

    @Test
    void nothingIsCompiledThatTheTableDoesNotHave() {
        assertThat(table()).containsAll(compiled());
    }

    @Test
    void theTwoServicesAreCalledAsKubeletCallsThem() {
        assertThat(API.getServices())
                .extracting(ServiceDescriptor::getFullName)
                .containsExactly("runtime.v1.RuntimeService", "runtime.v1.ImageService");
        assertThat(API.getServices().stream()
                        .mapToInt(service -> service.getMethods().size())
                        .sum())
                .isEqualTo(43);
    }

    private static List<String> table() {
        try (var in = CriTableTest.class.getResourceAsStream("/cri-v1.tsv")) {
            var rows = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .skip(1);
            return Stream.concat(rows, NESTED.stream()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> compiled() {
        var facts = new ArrayList<String>();
        API.getMessageTypes().forEach(message -> describe(message, facts));
        API.getEnumTypes().forEach(type -> describe(type, facts));
        for (var service : API.getServices()) {
            for (var call : service.getMethods()) {
                facts.add(fact(
                        "rpc",
                        service.getName(),
                        call.getName(),
                        "-",
                        (call.isClientStreaming() ? "stream " : "")
                                + call.getInputType().getName() + " -> " + (call.isServerStreaming() ? "stream " : "")
                                + call.getOutputType().getName(),
                        "-"));
            }
        }
        return facts;
    }

    private static void describe(Descriptor message, List<String> facts) {
        if (message.getOptions().getMapEntry()) {
            return;
        }
        if (message.getFields().isEmpty()) {
            facts.add(fact("message", local(message.getFullName()), "-", "-", "-", "-"));
        }
        for (var field : message.getFields()) {
            facts.add(fact(
                    "field",
                    local(message.getFullName()),
                    field.getName(),
                    String.valueOf(field.getNumber()),
                    label(field),
                    flags(field.getOptions())));
        }
        message.getEnumTypes().forEach(type -> describe(type, facts));
        message.getNestedTypes().forEach(nested -> describe(nested, facts));
    }

    private static void describe(EnumDescriptor type, List<String> facts) {
        for (var value : type.getValues()) {
            facts.add(fact(
                    "enum", local(type.getFullName()), value.getName(), String.valueOf(value.getNumber()), "-", "-"));
        }
    }

    private static String label(FieldDescriptor field) {
        if (field.isMapField()) {
            var entry = field.getMessageType();
            return "map<" + type(entry.findFieldByNumber(1)) + "," + type(entry.findFieldByNumber(2)) + ">";
        }
        var presence = field.toProto().getProto3Optional() ? "optional " : "single ";
        return (field.isRepeated() ? "repeated " : presence) + type(field);
    }

    private static String type(FieldDescriptor field) {
        return switch (field.getJavaType()) {
            case MESSAGE -> local(field.getMessageType().getFullName());
            case ENUM -> local(field.getEnumType().getFullName());
            default -> field.getType().name().toLowerCase(Locale.ROOT);
        };
    }

    private static String local(String fullName) {
        return fullName.substring(API.getPackage().length() + 1);
    }

    private static String flags(FieldOptions options) {
        var flags = new ArrayList<String>();
        if (options.getDeprecated()) {
            flags.add("deprecated");
        }
        if (options.getDebugRedact()) {
            flags.add("debug_redact");
        }
        return flags.isEmpty() ? "-" : String.join(",", flags);
    }

    private static String fact(String... columns) {
        return String.join("\t", columns);
    }
}
