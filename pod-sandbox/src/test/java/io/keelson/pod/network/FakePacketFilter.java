package io.keelson.pod.network;

import io.keelson.host.failure.Failure;
import java.util.ArrayList;
import java.util.List;

/** A kernel that takes every transaction, unless told to refuse. */
final class FakePacketFilter implements PacketFilter {
    final List<String> transactions = new ArrayList<>();
    int refusals;

    @Override
    public void run(String commands) {
        if (refusals > 0) {
            refusals--;
            throw Failure.unavailable("nftables: No such file or directory");
        }
        transactions.add(commands);
    }

    String last() {
        return transactions.getLast();
    }
}
