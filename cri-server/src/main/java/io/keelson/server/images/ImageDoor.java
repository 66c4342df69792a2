package io.keelson.server.images;

import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;

/** Where commands find the images: here, or with the daemon that has them. */
interface ImageDoor {
    /** What a command does; its exit status. */
    interface Work {
        int run(ImageTools images, PrintWriter out);
    }

    /** @param command as it was given, with where its output goes */
    int enter(CommandSpec command, Work work);

    /** Whether who gave the command sees a line that changes. */
    default boolean isAtTerminal() {
        return false;
    }

    /** For who has them. */
    static ImageDoor to(ImageTools images) {
        return (command, work) -> work.run(images, command.commandLine().getOut());
    }
}
