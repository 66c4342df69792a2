package io.keelson.pod.network;

import io.keelson.host.linux.LinuxException;
import io.keelson.host.linux.LocalAddresses;
import io.keelson.host.linux.UdpFlows;
import java.net.InetAddress;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link Flows} by netlink. A kernel that refuses lets old flows live until they are idle for some time: that is logged. */
final class KernelFlows implements Flows {
    private static final Logger log = LoggerFactory.getLogger(KernelFlows.class);

    @Override
    public List<InetAddress> hostAddresses() {
        return LocalAddresses.list();
    }

    @Override
    public void forgetAnsweredBy(InetAddress address) {
        attempt(() -> UdpFlows.forgetAnsweredBy(address));
    }

    @Override
    public void forgetSentTo(InetAddress address, int port) {
        attempt(() -> UdpFlows.forgetSentTo(address, port));
    }

    private static void attempt(Runnable step) {
        try {
            step.run();
        } catch (LinuxException e) {
            log.atWarn()
                    .addKeyValue("event", "udp-flows-kept")
                    .log("UDP flows from before may still go where they went: {}", e.getMessage());
        }
    }
}
