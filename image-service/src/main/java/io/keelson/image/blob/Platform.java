package io.keelson.image.blob;

import io.keelson.host.json.Json;

/** What an image was made for, in Go's words (OCI image spec, platform). Empty where nothing is said. */
public record Platform(String os, String architecture, String variant) {
    static Platform parse(Json.Obj json) {
        return new Platform(json.textOrEmpty("os"), json.textOrEmpty("architecture"), json.textOrEmpty("variant"));
    }

    @Override
    public String toString() {
        return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
    }
}
