package io.keelson.pod.network;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** A host that reaches all pods through one bridge. */
final class FakeLoopbackRouting implements LoopbackRouting {
    final Set<String> on = new TreeSet<>();
    final List<String> changes = new ArrayList<>();

    @Override
    public Optional<String> interfaceTo(InetAddress address) {
        return Optional.of("br0");
    }

    @Override
    public boolean isOn(String hostInterface) {
        return on.contains(hostInterface);
    }

    @Override
    public void set(String hostInterface, boolean value) {
        changes.add(hostInterface + "=" + value);
        if (value) {
            on.add(hostInterface);
        } else {
            on.remove(hostInterface);
        }
    }
}
