package io.keelson.server.doctor;

/** What one finding comes to, from the best to the worst. */
enum Verdict {
    OK(0),
    /** Pods run; something is slower, less safe or less than it could be. */
    WARN(1),
    /** Some or all pods do not run, or will not. */
    FAIL(2);

    private final int exitStatus;

    Verdict(int exitStatus) {
        this.exitStatus = exitStatus;
    }

    /** Of a report in which nothing is worse. */
    int exitStatus() {
        return exitStatus;
    }
}
