package io.keelson.pod.container;

/** A container as the catalog has it: what never changes, what does, and what others see of both. */
record ContainerEntry(ContainerRecord record, ContainerStatus status, Container view) {
    static ContainerEntry of(ContainerRecord record, ContainerStatus status) {
        return new ContainerEntry(
                record,
                status,
                new Container(
                        record.id(),
                        record.pod(),
                        record.shownConfig(),
                        record.image(),
                        status.state(),
                        record.createdAt(),
                        record.user(),
                        record.logPath(),
                        status.resources(),
                        record.stopSignal(),
                        record.cgroup(),
                        status.timeline()));
    }

    ContainerId id() {
        return record.id();
    }

    String hex() {
        return record.id().hex();
    }
}
