package io.keelson.oci.hook;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.oci.spec.Texts;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * {@code when} of a hook's file (oci-hooks(5)): what is said has to hold, all of it or, with {@code or}, something of it. Where
 * nothing is said the hook never runs. Regular expressions have Go's syntax, and match anywhere in the text.
 *
 * @param annotations there is an annotation whose key and value match the two patterns, for each of these
 * @param commands the program matches one of these
 */
record HookCondition(
        Optional<Boolean> always,
        List<AnnotationPattern> annotations,
        List<Pattern> commands,
        Optional<Boolean> hasBindMounts,
        boolean or) {
    private static final Set<String> KEYS = Set.of("always", "annotations", "commands", "hasBindMounts", "or");

    record AnnotationPattern(Pattern key, Pattern value) {
        boolean matches(HookSubject subject) {
            return subject.annotations().entrySet().stream()
                    .anyMatch(each -> key.matcher(each.getKey()).find()
                            && value.matcher(each.getValue()).find());
        }
    }

    static HookCondition fromJson(Json.Obj json) {
        json.requireOnly(KEYS);
        return new HookCondition(
                findFlag(json, "always"),
                json.textMap("annotations").entrySet().stream()
                        .map(each -> new AnnotationPattern(pattern(each.getKey()), pattern(each.getValue())))
                        .toList(),
                json.texts("commands").stream().map(HookCondition::pattern).toList(),
                findFlag(json, "hasBindMounts"),
                json.flag("or"));
    }

    private static Optional<Boolean> findFlag(Json.Obj json, String key) {
        return json.find(key).map(_ -> json.flag(key));
    }

    private static Pattern pattern(String text) {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new Failure(
                    Failure.Kind.INVALID,
                    Texts.quoted(text) + " is not a regular expression: " + e.getDescription(),
                    e);
        }
    }

    boolean holds(HookSubject subject) {
        var answers = answers(subject).toList();
        return or ? answers.contains(true) : !answers.isEmpty() && !answers.contains(false);
    }

    private Stream<Boolean> answers(HookSubject subject) {
        return Stream.of(
                        always.stream(),
                        hasBindMounts.stream().map(wanted -> wanted && subject.hasBindMounts()),
                        annotations.stream().map(pattern -> pattern.matches(subject)),
                        Stream.of(commands)
                                .filter(list -> !list.isEmpty())
                                .map(list -> list.stream()
                                        .anyMatch(pattern -> pattern.matcher(subject.command())
                                                .find())))
                .flatMap(each -> each);
    }
}
