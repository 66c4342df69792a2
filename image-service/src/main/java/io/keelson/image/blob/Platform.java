package io.keelson.image.blob;

import io.keelson.host.json.Json;
import java.util.List;
import java.util.Locale;

/**
 * What an image was made for (OCI image spec, platform), in Go's words, whatever words were used. Empty where nothing is said.
 *
 * @param features of the operating system that the image cannot do without
 */
public record Platform(String os, String architecture, String variant, List<String> features) {
    public Platform {
        features = List.copyOf(features);
    }

    /** From words that builders use: {@code x86_64}, {@code aarch64} and {@code armhf} are other names. */
    public static Platform of(String os, String architecture, String variant, List<String> features) {
        var named = architecture.toLowerCase(Locale.ROOT);
        var said = variant.toLowerCase(Locale.ROOT);
        return switch (named) {
            case "x86_64", "x86-64", "amd64" -> new Platform(os, "amd64", said.equals("v1") ? "" : said, features);
            case "aarch64", "arm64" -> new Platform(os, "arm64", numbered(said, "v8"), features);
            case "armhf" -> new Platform(os, "arm", "v7", features);
            case "armel" -> new Platform(os, "arm", "v6", features);
            case "arm" -> new Platform(os, "arm", numbered(said, "v7"), features);
            default -> new Platform(os, architecture, variant, features);
        };
    }

    private static String numbered(String variant, String otherwise) {
        if (variant.isEmpty()) {
            return otherwise;
        }
        return Character.isDigit(variant.charAt(0)) ? "v" + variant : variant;
    }

    static Platform parse(Json.Obj json) {
        ExactKeys.check(json, "platform", "os", "architecture", "variant", "os.version", "os.features");
        return ofConfig(json);
    }

    /** What a config says of itself, among all else that it says. */
    public static Platform ofConfig(Json.Obj json) {
        return of(
                json.textOrEmpty("os"),
                json.textOrEmpty("architecture"),
                json.textOrEmpty("variant"),
                json.texts("os.features"));
    }

    /** Builders give what is no image, such as a statement of how one was made, this platform. */
    boolean isUnknown() {
        return os.equals("unknown") && architecture.equals("unknown");
    }

    @Override
    public String toString() {
        return os
                + "/"
                + architecture
                + (variant.isEmpty() ? "" : "/" + variant)
                + (features.isEmpty() ? "" : " with " + String.join(", ", features));
    }
}
