package io.keelson.pod.network;

import java.net.InetAddress;
import java.util.List;

/** What the kernel remembers of UDP flows in the network namespace of the calling thread. */
interface Flows {
    /** The addresses of the host. */
    List<InetAddress> hostAddresses();

    /** Has packets that go to this address, translated or not, be treated as the first ones of their flows. */
    void forgetAnsweredBy(InetAddress address);

    /** The same for packets that are sent to this address and port. */
    void forgetSentTo(InetAddress address, int port);
}
