package io.keelson.simulation;

import java.util.function.Consumer;

/** What happened, in the order in which it did. Numbers are those of inodes. */
sealed interface Step {
    /** A file or directory came to be, without a name yet. */
    record Made(int inode, boolean isDirectory) implements Step {}

    /** A directory's name now means that inode; what it meant before has lost it. */
    record Named(int directory, String name, int inode) implements Step {}

    record Unnamed(int directory, String name) implements Step {}

    /** In one step, also across directories. */
    record Moved(int from, String oldName, int to, String newName, int inode) implements Step {}

    /** Two names of a directory have changed places. */
    record Exchanged(int directory, String one, String other) implements Step {}

    record Written(int inode, long position, byte[] bytes) implements Step {}

    record Cut(int inode, long length) implements Step {}

    /** fsync(2), of a file or of a directory. */
    record Synced(int inode) implements Step {}

    /** Something in the kernel's memory, or in other programs'. */
    record Outside(Consumer<SimulatedKernel> change) implements Step {}

    /** A request was answered: from now on this is promised. */
    record Answered(Consumer<Promises> change) implements Step {}
}
