package io.keelson.pod.network;

import io.keelson.host.failure.Failure;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/** An address with the length of its network's prefix, such as {@code 10.88.0.5/16}. Never asks a name server. */
record CidrAddress(InetAddress address, int prefixLength) {
    private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*");

    static CidrAddress parse(String text) {
        var slash = text.indexOf('/');
        if (slash < 0) {
            throw Failure.invalid("\"" + text + "\" is not an address with the length of a prefix");
        }
        var address = parseAddress(text.substring(0, slash));
        var length = text.substring(slash + 1);
        var bits = address.getAddress().length * 8;
        if (!length.matches("[0-9]{1,3}") || Integer.parseInt(length) > bits) {
            throw Failure.invalid("\"" + text + "\" has a prefix that is not 0 to " + bits + " bits long");
        }
        return new CidrAddress(address, Integer.parseInt(length));
    }

    /** An IP address as text, of either family; no names, no zones, no short forms of IPv4. */
    static InetAddress parseAddress(String text) {
        try {
            if (IPV4.matcher(text).matches() || IPV6.matcher(text).matches()) {
                return InetAddress.ofLiteral(text);
            }
        } catch (IllegalArgumentException e) {
            // Said below, for both.
        }
        throw Failure.invalid("\"" + text + "\" is not an IP address");
    }

    boolean isIpv4() {
        return address instanceof Inet4Address;
    }

    /** The network that it lies in: its address with zeros after the prefix, and the prefix. */
    String network() {
        var bytes = address.getAddress();
        for (var bit = prefixLength; bit < bytes.length * 8; bit++) {
            bytes[bit / 8] &= (byte) ~(0x80 >> bit % 8);
        }
        try {
            return InetAddress.getByAddress(bytes).getHostAddress() + "/" + prefixLength;
        } catch (UnknownHostException e) {
            throw new AssertionError("as many bytes as before", e);
        }
    }

    @Override
    public String toString() {
        return address.getHostAddress() + "/" + prefixLength;
    }
}
