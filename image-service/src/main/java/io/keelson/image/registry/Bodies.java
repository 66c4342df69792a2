package io.keelson.image.registry;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.io.IOException;

/** Small bodies, read whole and never beyond a limit. */
final class Bodies {
    /** Largest error body that is read. */
    static final int MAX_ERROR_BYTES = 1 << 20;
    /** Longest text of a registry's that is quoted. */
    static final int MAX_QUOTE = 300;

    private Bodies() {}

    /** @throws Failure EXHAUSTED if it is larger, UNAVAILABLE if it is encoded */
    static byte[] read(Wire.Answer answer, int limitBytes, String what) throws IOException {
        var encoding = answer.header("Content-Encoding");
        if (!encoding.isEmpty() && !encoding.equals("identity")) {
            throw Failure.unavailable(what + ": sent with Content-Encoding, which was not asked for");
        }
        var bytes = answer.body().readNBytes(limitBytes + 1);
        if (bytes.length > limitBytes) {
            throw Failure.exhausted(what + ": larger than " + limitBytes + " bytes");
        }
        return bytes;
    }

    /** What the registry says about its error (distribution specification, "Error Codes"), for the end of a message; or nothing. */
    static String error(Wire.Answer answer) {
        try {
            var bytes = answer.body().readNBytes(MAX_ERROR_BYTES + 1);
            if (bytes.length == 0 || bytes.length > MAX_ERROR_BYTES) {
                return "";
            }
            var json = Json.parseObject(bytes);
            var first = json.objects("errors").stream().findFirst().orElse(json);
            var text = first.textOrEmpty("code") + " " + first.textOrEmpty("message");
            return text.isBlank() ? "" : ": " + quoted(text.strip());
        } catch (IOException | Failure e) {
            return "";
        }
    }

    /** On one line, within the limit. */
    static String quoted(String text) {
        var clean = text.replaceAll("\\p{Cntrl}", " ");
        return clean.length() <= MAX_QUOTE ? clean : clean.substring(0, MAX_QUOTE) + "…";
    }
}
