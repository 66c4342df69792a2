package io.keelson.server.doctor;

import io.keelson.host.json.Json;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One line of what the doctor says.
 *
 * @param subject what was looked at; each has one line in a report
 * @param said what was found
 * @param advice what to do about it; empty where nothing is to be done
 */
record Finding(String subject, Verdict verdict, String said, String advice) {
    static Finding ok(String subject, String said) {
        return new Finding(subject, Verdict.OK, said, "");
    }

    static Finding warn(String subject, String said, String advice) {
        return new Finding(subject, Verdict.WARN, said, advice);
    }

    static Finding fail(String subject, String said, String advice) {
        return new Finding(subject, Verdict.FAIL, said, advice);
    }

    /** Fails with the trouble, if there is some. */
    static Finding failing(String subject, Optional<String> trouble, String fine, String advice) {
        return trouble.map(said -> fail(subject, said, advice)).orElseGet(() -> ok(subject, fine));
    }

    /** Warns of all that there is. */
    static Finding warning(String subject, List<String> troubles, String fine, String advice) {
        return troubles.isEmpty() ? ok(subject, fine) : warn(subject, String.join("; ", troubles), advice);
    }

    Json.Obj toJson() {
        return Json.object()
                .put("subject", subject)
                .put("verdict", verdict.name().toLowerCase(Locale.ROOT))
                .put("said", said)
                .put("advice", advice)
                .build();
    }
}
