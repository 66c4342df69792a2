package io.keelson.pod;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.record.RecordFormat;
import java.nio.file.Files;

/** Records of pods as they were written before there were journals: two files in the pod's directory. */
record OlderPodRecords(PodPaths paths) {
    private static final int MAX_BYTES = 16 * 1024 * 1024;

    /** Makes a journal of what lies in the pod's directory, if there are such files and there is none; whether there were such files. */
    boolean bring(PodId id) {
        var journal = paths.journal(id);
        var record = paths.directory(id).resolve("record.json");
        var status = paths.directory(id).resolve("status.json");
        if (!Files.exists(record) && !Files.exists(status)) {
            return false;
        }
        if (!Files.exists(journal.file())) {
            DurableFiles.find(record, MAX_BYTES)
                    .ifPresent(bytes -> journal.take(
                            current(PodRecord.FORMAT, bytes),
                            DurableFiles.find(status, MAX_BYTES).map(each -> current(PodStatus.FORMAT, each))));
        }
        DurableFiles.discard(record);
        DurableFiles.discard(status);
        return true;
    }

    /** Damage stays what it is, for whoever reads the journal. */
    private static byte[] current(RecordFormat format, byte[] bytes) {
        try {
            return format.renew(bytes);
        } catch (Failure e) {
            return bytes;
        }
    }
}
