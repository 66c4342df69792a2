package io.keelson.server.images;

import io.keelson.image.Finding;
import io.keelson.image.Finding.Outcome;
import io.keelson.image.layer.Advance;
import io.keelson.server.text.ProgressLine;
import java.io.PrintWriter;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** A look at images or at everything, a line for each thing as it is looked at. */
final class Verification {
    private static final int DAMAGED = 1;

    private final ImageTools images;
    private final Advance advance;
    private final ProgressLine progress;
    private final boolean isQuiet;
    private final PrintWriter out;
    private final Map<Outcome, Integer> counts = new EnumMap<>(Outcome.class);

    /** @param progress of {@code advance}, below what is printed */
    Verification(ImageTools images, Advance advance, ProgressLine progress, boolean isQuiet, PrintWriter out) {
        this.images = images;
        this.advance = advance;
        this.progress = progress;
        this.isQuiet = isQuiet;
        this.out = out;
    }

    /** The exit status: zero if nothing damaged is left. */
    int run(String name) {
        var verifier = images.verifier();
        if (name.isEmpty()) {
            advance.expect(verifier.bytes());
            verifier.verifyAll(advance, this::add);
        } else {
            var image = images.catalog().get(name);
            advance.expect(verifier.bytes(image));
            verifier.verify(image, advance, this::add);
        }
        say(count(Outcome.SOUND) + " sound, " + count(Outcome.REPAIRED) + " repaired, " + count(Outcome.DAMAGED)
                + " damaged");
        return count(Outcome.DAMAGED) > 0 ? DAMAGED : 0;
    }

    private int count(Outcome outcome) {
        return counts.getOrDefault(outcome, 0);
    }

    private void add(Finding finding) {
        counts.merge(finding.outcome(), 1, Integer::sum);
        if (!isQuiet || finding.outcome() != Outcome.SOUND) {
            say(finding.what() + " " + finding.outcome().name().toLowerCase(Locale.ROOT)
                    + (finding.why().isEmpty() ? "" : ": " + finding.why()));
        }
    }

    private void say(String line) {
        progress.above(() -> {
            out.println(line);
            out.flush();
        });
    }
}
