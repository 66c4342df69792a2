package io.keelson.server.images;

import io.keelson.image.Finding;
import io.keelson.image.layer.IoBudget;
import java.io.PrintWriter;
import java.util.EnumMap;
import java.util.Locale;

/** A look at images or at everything, a line for each thing as it is looked at. */
final class Verification {
    private static final int DAMAGED = 1;

    private Verification() {}

    /** The exit status: zero if nothing damaged is left. */
    static int print(ImageTools images, String name, boolean quiet, PrintWriter out) {
        var counts = new EnumMap<Finding.Outcome, Integer>(Finding.Outcome.class);
        var verifier = images.verifier();
        if (name.isEmpty()) {
            verifier.verifyAll(IoBudget.UNLIMITED, finding -> print(finding, quiet, counts, out));
        } else {
            verifier.verify(
                    images.catalog().get(name), IoBudget.UNLIMITED, finding -> print(finding, quiet, counts, out));
        }
        out.println(counts.getOrDefault(Finding.Outcome.SOUND, 0) + " sound, "
                + counts.getOrDefault(Finding.Outcome.REPAIRED, 0) + " repaired, "
                + counts.getOrDefault(Finding.Outcome.DAMAGED, 0) + " damaged");
        return counts.containsKey(Finding.Outcome.DAMAGED) ? DAMAGED : 0;
    }

    private static void print(
            Finding finding, boolean quiet, EnumMap<Finding.Outcome, Integer> counts, PrintWriter out) {
        counts.merge(finding.outcome(), 1, Integer::sum);
        if (!quiet || finding.outcome() != Finding.Outcome.SOUND) {
            out.println(finding.what() + " " + finding.outcome().name().toLowerCase(Locale.ROOT)
                    + (finding.why().isEmpty() ? "" : ": " + finding.why()));
        }
    }
}
