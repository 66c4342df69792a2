package io.keelson.pod.network;

import io.keelson.host.failure.Failure;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/** What the pod's annotations say of its bandwidth, in bits per second. */
record BandwidthLimits(Optional<Long> ingressBits, Optional<Long> egressBits) {
    private static final String INGRESS = "kubernetes.io/ingress-bandwidth";
    private static final String EGRESS = "kubernetes.io/egress-bandwidth";

    /** What kubelet accepts, 1k to 1P. */
    private static final long LEAST = 1_000;

    private static final long MOST = 1_000_000_000_000_000L;

    private static final Pattern FORM = Pattern.compile("([0-9]{1,20}(?:\\.[0-9]{1,20})?)([kMGTP]|[KMGTP]i)?");
    private static final Map<String, Long> UNITS = Map.of(
            "k",
            1_000L,
            "M",
            1_000_000L,
            "G",
            1_000_000_000L,
            "T",
            1_000_000_000_000L,
            "P",
            1_000_000_000_000_000L,
            "Ki",
            1L << 10,
            "Mi",
            1L << 20,
            "Gi",
            1L << 30,
            "Ti",
            1L << 40,
            "Pi",
            1L << 50);

    /** @throws Failure INVALID if one of the values is none */
    static BandwidthLimits of(Map<String, String> annotations) {
        return new BandwidthLimits(find(annotations, INGRESS), find(annotations, EGRESS));
    }

    boolean isUnlimited() {
        return ingressBits.isEmpty() && egressBits.isEmpty();
    }

    private static Optional<Long> find(Map<String, String> annotations, String annotation) {
        return Optional.ofNullable(annotations.get(annotation)).map(text -> parse(annotation, text));
    }

    /** A Kubernetes quantity, without the forms that nobody uses for bandwidth. */
    static long parse(String annotation, String text) {
        var match = FORM.matcher(text);
        if (match.matches()) {
            var unit = match.group(2) == null ? 1 : Objects.requireNonNull(UNITS.get(match.group(2)));
            var bits = new BigDecimal(match.group(1)).multiply(BigDecimal.valueOf(unit));
            if (bits.compareTo(BigDecimal.valueOf(LEAST)) >= 0 && bits.compareTo(BigDecimal.valueOf(MOST)) <= 0) {
                return bits.longValue();
            }
        }
        throw Failure.invalid("annotation " + annotation + " is \"" + text + "\", not a bandwidth from 1k to 1P");
    }
}
