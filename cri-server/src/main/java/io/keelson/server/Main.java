package io.keelson.server;

import io.keelson.server.cli.KeelsonCommand;

/** Where the program starts. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        var status = new KeelsonCommand(Version.current(), Daemon::run).run(arguments);
        System.out.flush();
        System.err.flush();
        System.exit(status);
    }
}
