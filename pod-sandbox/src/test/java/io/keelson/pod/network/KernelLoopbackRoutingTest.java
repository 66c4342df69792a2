package io.keelson.pod.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class KernelLoopbackRoutingTest {
    private static final List<String> ROUTES = List.of(
            "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
            "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0",
            "cni0\t0000580A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0",
            "veth1\t0500580A\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0",
            "eth0\t0000590A\t010200C0\t0003\t0\t0\t0\t0000FFFF\t0\t0\t0",
            "a b\"c\t00005A0A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0");

    private static String interfaceTo(String address) {
        Assumptions.assumeTrue(
                ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN, "the sample is of a little-endian machine");
        return KernelLoopbackRouting.interfaceTo(CidrAddress.parseAddress(address), ROUTES)
                .orElse("none");
    }

    @Test
    void theMostSpecificRouteLeadsToThePod() {
        assertThat(interfaceTo("10.88.0.6")).isEqualTo("cni0");
        assertThat(interfaceTo("10.88.0.5")).isEqualTo("veth1");
    }

    @Test
    void whatLiesBehindAGatewayIsNotReachedDirectly() {
        assertThat(interfaceTo("10.89.0.5")).isEqualTo("none");
        assertThat(interfaceTo("192.0.2.77")).isEqualTo("none");
    }

    @Test
    void aNameThatWouldNeedQuotingIsNone() {
        assertThat(interfaceTo("10.90.0.5")).isEqualTo("none");
    }
}
