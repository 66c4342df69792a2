package io.keelson.oci.runtime;

import io.keelson.host.process.Finished;
import java.util.regex.Pattern;

/** What a runtime says of its failure, in plain words. */
public final class RuntimeComplaint {
    private static final int MAX_CHARS = 4096;
    /**
     * runc writes lines as {@code time="…" level=error msg="…"}; a quote within is {@code \"}. What repeats is possessive: the
     * matcher would otherwise call itself for each character, and a long message have more of them than a thread has stack.
     */
    private static final Pattern LOG_LINE =
            Pattern.compile("time=\"[^\"]*+\" level=(\\w++) msg=(?:\"((?:[^\"\\\\]++|\\\\.)*+)\"|(\\S++)).*+");

    private RuntimeComplaint() {}

    static String of(Finished finished) {
        return finished.timedOut() ? "it did not end in time" : of(finished.complaint());
    }

    /** The errors of a log, or else the text as it is; at most {@value #MAX_CHARS} characters, and one line. */
    public static String of(String said) {
        var errors = new StringBuilder();
        for (var line : said.strip().split("\n", -1)) {
            var matcher = LOG_LINE.matcher(line.strip());
            if (!matcher.matches()) {
                append(errors, line.strip());
            } else if (matcher.group(1).equals("error") || matcher.group(1).equals("fatal")) {
                append(errors, matcher.group(2) == null ? matcher.group(3) : unescaped(matcher.group(2)));
            }
        }
        var text = errors.isEmpty() ? said.strip() : errors.toString();
        var cut = text.length() <= MAX_CHARS ? text : text.substring(0, MAX_CHARS - 1) + "…";
        return cut.isEmpty() ? "it does not say why" : cut;
    }

    private static void append(StringBuilder errors, String line) {
        if (!line.isEmpty()) {
            errors.append(errors.isEmpty() ? "" : "; ").append(line);
        }
    }

    private static String unescaped(String quoted) {
        return quoted.replace("\\\"", "\"").replace("\\n", " ").replace("\\\\", "\\");
    }
}
