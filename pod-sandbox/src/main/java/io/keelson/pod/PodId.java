package io.keelson.pod;

import io.keelson.host.failure.Failure;
import io.keelson.host.record.HexId;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/** What a pod is known by: 64 hexadecimal digits, chosen at random. */
public record PodId(String hex) {
    private static final SecureRandom random = new SecureRandom();

    public PodId {
        if (!HexId.is(hex)) {
            throw Failure.invalid("not the id of a pod: 64 hexadecimal digits are");
        }
    }

    /** Absent if this is not the id of a pod. */
    static Optional<PodId> find(String hex) {
        return HexId.is(hex) ? Optional.of(new PodId(hex)) : Optional.empty();
    }

    static PodId create() {
        var bytes = new byte[32];
        random.nextBytes(bytes);
        return new PodId(HexFormat.of().formatHex(bytes));
    }

    @Override
    public String toString() {
        return hex;
    }
}
