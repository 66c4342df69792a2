package io.keelson.server;

import io.keelson.server.cli.Program;

/** Where the program starts. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        var status = Program.run(Version.current(), EarlyStart::begin, Daemon::run, arguments);
        System.out.flush();
        System.err.flush();
        System.exit(status);
    }
}
