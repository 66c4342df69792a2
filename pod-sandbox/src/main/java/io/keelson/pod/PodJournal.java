package io.keelson.pod;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What is on disk of a pod, in one file: its record in the first line, and below a line for each status that it has had, of which the last
 * one counts. A pod without a status was never ready. A line that lacks its end is what a power failure left of one that nobody was told of.
 */
record PodJournal(Path file) {
    private static final int MAX_BYTES = 16 * 1024 * 1024;
    /** With more than this, and so many times what counts of it, old lines are left behind. */
    private static final int MUCH = 256 * 1024;

    private static final int MANY_TIMES = 3;

    private static final byte END = '\n';

    /** What a journal says. */
    record Contents(PodRecord record, Optional<PodStatus> status) {}

    /** Has the record be on disk, and be found there, whole, whatever happens. */
    void begin(PodRecord record) {
        DurableFiles.mkdirs(DurableFiles.parent(file));
        DurableFiles.write(file, lines(record.toBytes()));
    }

    /** One that was written otherwise, as lines that are right or wrong. */
    void take(byte[] record, Optional<byte[]> status) {
        DurableFiles.write(file, status.map(some -> lines(record, some)).orElseGet(() -> lines(record)));
    }

    /** Has the status be on disk. */
    void add(PodStatus status) {
        write(status, DurableFiles::append);
    }

    /** Has the next daemon know the status; a power failure may take it away. */
    void note(PodStatus status) {
        write(status, DurableFiles::note);
    }

    private interface Writing {
        void to(Path file, long length, byte[] line);
    }

    private void write(PodStatus status, Writing writing) {
        var before = DurableFiles.read(file, MAX_BYTES);
        var anew = lines(wholeLines(before).getFirst(), status.toBytes());
        if (before.length > Math.max(MUCH, MANY_TIMES * anew.length)) {
            DurableFiles.write(file, anew);
        } else {
            writing.to(file, lengthOfLines(before), lines(status.toBytes()));
        }
    }

    /**
     * What it says; absent if there is none.
     *
     * @throws Failure INVALID if it is damaged, WRONG_STATE if a newer program wrote it
     */
    Optional<Contents> find() {
        return DurableFiles.find(file, MAX_BYTES).map(PodJournal::read);
    }

    private static Contents read(byte[] bytes) {
        var lines = wholeLines(bytes);
        if (lines.isEmpty()) {
            throw Failure.invalid("this pod record is damaged: it has no line that is whole");
        }
        return new Contents(
                PodRecord.fromJson(PodRecord.FORMAT.open(lines.getFirst())),
                lines.size() == 1
                        ? Optional.empty()
                        : Optional.of(PodStatus.fromJson(PodStatus.FORMAT.open(lines.getLast()))));
    }

    /** By a search that is native, where the bytes are looked at one by one only once that is compiled. */
    private static List<byte[]> wholeLines(byte[] bytes) {
        var text = new String(bytes, StandardCharsets.ISO_8859_1);
        var lines = new ArrayList<byte[]>();
        var begin = 0;
        for (var end = text.indexOf(END); end >= 0; end = text.indexOf(END, begin)) {
            lines.add(Arrays.copyOfRange(bytes, begin, end));
            begin = end + 1;
        }
        return lines;
    }

    private static int lengthOfLines(byte[] bytes) {
        var length = bytes.length;
        while (length > 0 && bytes[length - 1] != END) {
            length--;
        }
        return length;
    }

    private static byte[] lines(byte[]... each) {
        var all = new ByteArrayOutputStream();
        for (var line : each) {
            all.writeBytes(line);
            all.write(END);
        }
        return all.toByteArray();
    }
}
