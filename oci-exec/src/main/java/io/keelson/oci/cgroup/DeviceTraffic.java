package io.keelson.oci.cgroup;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a group read from a block device and wrote to it.
 *
 * @param device its numbers, {@code 254:0} say
 */
public record DeviceTraffic(String device, long reads, long readBytes, long writes, long writtenBytes) {
    private static final String READ = "Read ";
    private static final String WRITE = "Write ";
    private static final int RADIX = 10;

    private record Amounts(long read, long written) {
        static final Amounts NONE = new Amounts(0, 0);
    }

    /** Lines as {@code 254:0 Read 4096}, and others that are no matter here. */
    static List<DeviceTraffic> version1(CounterText bytes, CounterText operations) {
        var counts = byDevice(operations.text());
        return byDevice(bytes.text()).entrySet().stream()
                .map(each -> {
                    var count = counts.getOrDefault(each.getKey(), Amounts.NONE);
                    var amount = each.getValue();
                    return new DeviceTraffic(
                            each.getKey(), count.read(), amount.read(), count.written(), amount.written());
                })
                .toList();
    }

    private static Map<String, Amounts> byDevice(String text) {
        var amounts = new LinkedHashMap<String, Amounts>();
        for (var begin = 0; begin < text.length(); ) {
            var line = text.indexOf('\n', begin);
            var end = line < 0 ? text.length() : line;
            var word = text.indexOf(' ', begin) + 1;
            if (text.startsWith(READ, word)) {
                var read = Long.parseUnsignedLong(text, word + READ.length(), end, RADIX);
                amounts.merge(text.substring(begin, word - 1), new Amounts(read, 0), DeviceTraffic::sum);
            } else if (text.startsWith(WRITE, word)) {
                var written = Long.parseUnsignedLong(text, word + WRITE.length(), end, RADIX);
                amounts.merge(text.substring(begin, word - 1), new Amounts(0, written), DeviceTraffic::sum);
            }
            begin = end + 1;
        }
        return amounts;
    }

    private static Amounts sum(Amounts one, Amounts other) {
        return new Amounts(one.read() + other.read(), one.written() + other.written());
    }

    /** Lines as {@code 254:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0}. */
    static List<DeviceTraffic> version2(CounterText text) {
        return text.text()
                .lines()
                .filter(line -> line.contains(" rbytes="))
                .map(line -> new DeviceTraffic(
                        line.substring(0, line.indexOf(' ')),
                        value(line, " rios="),
                        value(line, " rbytes="),
                        value(line, " wios="),
                        value(line, " wbytes=")))
                .toList();
    }

    private static long value(String line, String name) {
        var at = line.indexOf(name);
        if (at < 0) {
            return 0;
        }
        var start = at + name.length();
        var end = line.indexOf(' ', start);
        return Long.parseUnsignedLong(line.substring(start, end < 0 ? line.length() : end));
    }
}
