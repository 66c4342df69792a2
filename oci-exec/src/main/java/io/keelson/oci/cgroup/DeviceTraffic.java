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
    /** Lines as {@code 254:0 Read 4096}. */
    static List<DeviceTraffic> version1(CounterText bytes, CounterText operations) {
        var read = byDevice(bytes, "Read");
        var written = byDevice(bytes, "Write");
        var reads = byDevice(operations, "Read");
        var writes = byDevice(operations, "Write");
        return read.entrySet().stream()
                .map(each -> new DeviceTraffic(
                        each.getKey(),
                        reads.getOrDefault(each.getKey(), 0L),
                        each.getValue(),
                        writes.getOrDefault(each.getKey(), 0L),
                        written.getOrDefault(each.getKey(), 0L)))
                .toList();
    }

    private static Map<String, Long> byDevice(CounterText text, String operation) {
        var numbers = new LinkedHashMap<String, Long>();
        text.text().lines().map(line -> line.split(" ", 3)).forEach(words -> {
            if (words.length == 3 && words[1].equals(operation)) {
                numbers.put(words[0], Long.parseUnsignedLong(words[2]));
            }
        });
        return numbers;
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
