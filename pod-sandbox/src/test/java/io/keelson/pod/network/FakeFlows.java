package io.keelson.pod.network;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** A host with one address of each family, which writes down what it is to forget. */
final class FakeFlows implements Flows {
    final List<String> forgotten = new ArrayList<>();

    @Override
    public List<InetAddress> hostAddresses() {
        return List.of(InetAddress.ofLiteral("192.0.2.1"), InetAddress.ofLiteral("fd01::1"));
    }

    @Override
    public void forgetAnsweredBy(InetAddress address) {
        forgotten.add("from " + address.getHostAddress());
    }

    @Override
    public void forgetSentTo(InetAddress address, int port) {
        forgotten.add("to " + address.getHostAddress() + " port " + port);
    }
}
