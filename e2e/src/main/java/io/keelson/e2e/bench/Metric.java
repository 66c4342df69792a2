package io.keelson.e2e.bench;

/** What is measured; the last two are what the OCI runtime needs by itself, for comparison. */
enum Metric {
    POD_START("pod-start", "pod start, one host port", Unit.MILLISECONDS),
    CREATE("container-create", "container create", Unit.MILLISECONDS),
    START("container-start", "container start", Unit.MILLISECONDS),
    CREATE_START("container-create-start", "container create + start", Unit.MILLISECONDS),
    EXEC("exec", "ExecSync of true", Unit.MILLISECONDS),
    STOP("container-stop", "container stop", Unit.MILLISECONDS),
    REMOVE("container-remove", "container remove", Unit.MILLISECONDS),
    POD_STOP("pod-stop", "pod stop", Unit.MILLISECONDS),
    POD_REMOVE("pod-remove", "pod remove", Unit.MILLISECONDS),
    CYCLE("scratch-cycle", "scratch cycle, pod to removed", Unit.MILLISECONDS),
    BURST("burst", "burst of pods with a container, 8 at a time", Unit.PER_SECOND),
    LIST_PODS("list-pods", "ListPodSandbox with all", Unit.MILLISECONDS),
    LIST_CONTAINERS("list-containers", "ListContainers with all", Unit.MILLISECONDS),
    LIST_STATS("list-stats", "ListContainerStats with all", Unit.MILLISECONDS),
    MEMORY("pss", "memory (PSS) with all, without the containers", Unit.MEBIBYTES),
    START_EMPTY("start-empty", "start of the daemon on an empty root, until it answers", Unit.MILLISECONDS),
    SCRAPE("scrape", "CPU of all statistics and metrics once a second, with all", Unit.PERCENT),
    EXIT_EVENT("exit-event", "end of a process, until a subscriber hears of it", Unit.MILLISECONDS),
    RESTART_ANSWER("restart-answer", "restart after SIGKILL with all, until it answers", Unit.MILLISECONDS),
    RESTART_LISTED("restart-listed", "restart after SIGKILL with all, until all are listed", Unit.MILLISECONDS),
    PULL("pull", "pull of an image with 8 layers", Unit.MILLISECONDS),
    PULL_AGAIN("pull-again", "the same pull again", Unit.MILLISECONDS),
    PULL_SHARED("pull-shared", "pull of one that has 6 of these layers", Unit.MILLISECONDS),
    IMAGE_REMOVE("image-remove", "removal of that image", Unit.MILLISECONDS),
    PULL_SINGLE("pull-single", "pull of one large layer", Unit.MILLISECONDS),
    REMOVE_SINGLE("remove-single", "removal of that image", Unit.MILLISECONDS),
    PULL_MANY("pull-many", "pull of 60 layers", Unit.MILLISECONDS),
    REMOVE_MANY("remove-many", "removal of that image", Unit.MILLISECONDS),
    PULL_TINY("pull-tiny", "pull of very many tiny files", Unit.MILLISECONDS),
    REMOVE_TINY("remove-tiny", "removal of that image", Unit.MILLISECONDS),
    PULL_ZEROS("pull-zeros", "pull of one large file of zeros", Unit.MILLISECONDS),
    REMOVE_ZEROS("remove-zeros", "removal of that image", Unit.MILLISECONDS),
    PULL_ZSTD("pull-zstd", "pull of 8 layers with zstd", Unit.MILLISECONDS),
    REMOVE_ZSTD("remove-zstd", "removal of that image", Unit.MILLISECONDS),
    SCRATCH("critest-scratch", "critest: a container from scratch", Unit.MILLISECONDS),
    CRITEST_CREATE("critest-container-create", "critest: CreateContainer", Unit.MILLISECONDS),
    CRITEST_START("critest-container-start", "critest: StartContainer", Unit.MILLISECONDS),
    CRITEST_STATUS("critest-container-status", "critest: ContainerStatus, verbose", Unit.MILLISECONDS),
    CRITEST_STOP("critest-container-stop", "critest: StopContainer", Unit.MILLISECONDS),
    CRITEST_REMOVE("critest-container-remove", "critest: RemoveContainer", Unit.MILLISECONDS),
    CRITEST_POD_START("critest-pod-start", "critest: RunPodSandbox", Unit.MILLISECONDS),
    CRITEST_POD_STATUS("critest-pod-status", "critest: PodSandboxStatus, verbose", Unit.MILLISECONDS),
    CRITEST_POD_STOP("critest-pod-stop", "critest: StopPodSandbox", Unit.MILLISECONDS),
    CRITEST_POD_REMOVE("critest-pod-remove", "critest: RemovePodSandbox", Unit.MILLISECONDS),
    CRITEST_PULL("critest-pull", "critest: PullImage of busybox", Unit.MILLISECONDS),
    CRITEST_IMAGE_STATUS("critest-image-status", "critest: ImageStatus", Unit.MILLISECONDS),
    CRITEST_IMAGE_REMOVE("critest-image-remove", "critest: RemoveImage", Unit.MILLISECONDS),
    CRITEST_LIST_IMAGES("critest-list-images", "critest: ListImages", Unit.MILLISECONDS),
    BARE_CREATE_START("bare-create-start", "the runtime's own create + start of it", Unit.MILLISECONDS),
    BARE_EXEC("bare-exec", "the runtime's own exec of true", Unit.MILLISECONDS);

    /** What the numbers are. */
    enum Unit {
        MILLISECONDS("ms", false),
        PER_SECOND("/s", true),
        MEBIBYTES("MiB", false),
        /** Of one processor. */
        PERCENT("%", false);

        final String symbol;
        final boolean moreIsBetter;

        Unit(String symbol, boolean moreIsBetter) {
            this.symbol = symbol;
            this.moreIsBetter = moreIsBetter;
        }
    }

    final String id;
    final String text;
    final Unit unit;

    Metric(String id, String text, Unit unit) {
        this.id = id;
        this.text = text;
        this.unit = unit;
    }
}
