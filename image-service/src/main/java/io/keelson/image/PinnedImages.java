package io.keelson.image;

import io.keelson.host.failure.Failure;
import io.keelson.image.reference.ImageReference;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Images that nothing removes to make room: only an order that names them does. kubelet is told which they are. */
public final class PinnedImages implements Predicate<ImageRecord> {
    public static final PinnedImages NONE = new PinnedImages(List.of());

    private final List<Pattern> patterns;

    /**
     * @param patterns names as a user writes them, or, with {@code *} for any characters, whole names with registry and tag
     * @throws Failure INVALID if one is neither
     */
    public PinnedImages(List<String> patterns) {
        this.patterns = patterns.stream().map(PinnedImages::pattern).toList();
    }

    private static Pattern pattern(String text) {
        if (text.indexOf('*') < 0) {
            var name = ImageReference.parse(text);
            return Pattern.compile(Pattern.quote(
                    name.tagName().orElseGet(() -> name.digestName(name.digest().orElseThrow()))));
        }
        return Pattern.compile(
                Arrays.stream(text.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")));
    }

    @Override
    public boolean test(ImageRecord image) {
        return isNamed(image.repoTags()) || isNamed(image.repoDigests());
    }

    private boolean isNamed(Iterable<String> names) {
        for (var name : names) {
            if (patterns.stream().anyMatch(pattern -> pattern.matcher(name).matches())) {
                return true;
            }
        }
        return false;
    }
}
