package io.keelson.pod.network;

import io.keelson.host.disk.DurableFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** {@link LoopbackRouting} of the network namespace that the calling thread is in, by proc(5). */
final class KernelLoopbackRouting implements LoopbackRouting {
    private static final Path ROUTES = Path.of("/proc/thread-self/net/route");
    private static final Path SETTINGS = Path.of("/proc/sys/net/ipv4/conf");
    /** What can stand in a path and in a rule as it is. */
    private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.@-]{0,14}");

    private static final int COLUMNS = 8;
    private static final int GATEWAY = 0x2;

    /** A line of proc_net(5) "route"; addresses are hexadecimal, in the byte order of this machine. */
    private record Route(String hostInterface, int destination, int flags, int mask) {
        static Route parse(String line) {
            var columns = line.split("\t", -1);
            if (columns.length < COLUMNS) {
                return new Route("", 0, 0, 0);
            }
            return new Route(
                    columns[0].strip(),
                    Integer.parseUnsignedInt(columns[1], 16),
                    Integer.parseUnsignedInt(columns[3], 16),
                    Integer.parseUnsignedInt(columns[7], 16));
        }

        boolean leadsTo(int address) {
            return mask != 0 && (address & mask) == destination;
        }
    }

    @Override
    public Optional<String> interfaceTo(InetAddress address) {
        try {
            return interfaceTo(address, Files.readAllLines(ROUTES));
        } catch (IOException e) {
            throw DurableFiles.failed("read", ROUTES, e);
        }
    }

    static Optional<String> interfaceTo(InetAddress address, List<String> lines) {
        var wanted = ByteBuffer.wrap(address.getAddress())
                .order(ByteOrder.nativeOrder())
                .getInt();
        return lines.stream()
                .skip(1)
                .map(Route::parse)
                .filter(route -> route.leadsTo(wanted))
                .max(Comparator.comparingInt(route -> Integer.bitCount(route.mask())))
                .filter(route -> (route.flags() & GATEWAY) == 0)
                .map(Route::hostInterface)
                .filter(name -> PLAIN_NAME.matcher(name).matches() && !name.equals("lo"));
    }

    @Override
    public boolean isOn(String hostInterface) {
        try {
            return Files.readString(setting(hostInterface)).strip().equals("1");
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw DurableFiles.failed("read", setting(hostInterface), e);
        }
    }

    @Override
    public void set(String hostInterface, boolean on) {
        if (Files.exists(setting(hostInterface))) {
            PodNetworkDefaults.write(setting(hostInterface), on ? "1" : "0");
        }
    }

    private static Path setting(String hostInterface) {
        return SETTINGS.resolve(hostInterface).resolve("route_localnet");
    }
}
