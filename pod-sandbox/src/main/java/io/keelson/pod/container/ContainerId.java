package io.keelson.pod.container;

import io.keelson.host.failure.Failure;
import io.keelson.host.record.HexId;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/** What a container is known by: 64 hexadecimal digits, chosen at random. */
public record ContainerId(String hex) {
    private static final SecureRandom random = new SecureRandom();

    public ContainerId {
        if (!HexId.is(hex)) {
            throw Failure.invalid("not the id of a container: 64 hexadecimal digits are");
        }
    }

    /** Absent if this is not the id of a container. */
    static Optional<ContainerId> find(String hex) {
        return HexId.is(hex) ? Optional.of(new ContainerId(hex)) : Optional.empty();
    }

    static ContainerId create() {
        var bytes = new byte[32];
        random.nextBytes(bytes);
        return new ContainerId(HexFormat.of().formatHex(bytes));
    }

    @Override
    public String toString() {
        return hex;
    }
}
