package io.keelson.pod;

import io.keelson.pod.network.PodAddresses;
import java.util.Optional;

/** A pod as the catalog has it: what never changes, what does, and what others see of both. */
record PodEntry(PodRecord record, PodStatus status, Pod view) {
    static PodEntry of(PodRecord record, PodStatus status) {
        var isReady = status.state() == PodState.READY;
        return new PodEntry(
                record,
                status,
                new Pod(
                        record.id(),
                        record.spec(),
                        status.state(),
                        record.createdAt(),
                        isReady ? status.addresses() : Optional.<PodAddresses>empty(),
                        record.cgroupPath(),
                        status.startTimeline()));
    }

    PodId id() {
        return record.id();
    }

    /** Those in force. */
    PodLimits limits() {
        return status.limits()
                .orElseGet(() ->
                        new PodLimits(record.spec().overhead(), record.spec().resources()));
    }
}
