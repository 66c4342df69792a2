package io.keelson.image.layer;

import org.jspecify.annotations.Nullable;

/** A name in a layer, and what it stands for. Small, since a layer may have a million of them. */
class Node {
    /** There is no entry of this name: it only hides what is below. */
    static final byte NOTHING = 0;
    // File types of EROFS directory entries.
    static final byte FILE = 1;
    static final byte DIRECTORY = 2;
    static final byte CHARACTER_DEVICE = 3;
    static final byte BLOCK_DEVICE = 4;
    static final byte FIFO = 5;
    static final byte SYMBOLIC_LINK = 7;

    final DirectoryNode parent;
    final byte[] name;
    final int hash;

    @Nullable
    Node nextInBucket;

    @Nullable
    Node nextSibling;
    /** Of {@link MetadataBlocks}; of a directory set at the end. */
    int slot;

    byte kind;
    /** The layer hides what the layers below have under this name. */
    boolean isWhiteout;
    /** Another name has, or had, the same inode. */
    boolean isLinked;
    /** It was replaced by a node of another class. */
    boolean isRemoved;

    /** @param parent null for the root, which is its own parent */
    Node(@Nullable DirectoryNode parent, byte[] name, int hash, byte kind) {
        this.parent = parent == null ? (DirectoryNode) this : parent;
        this.name = name;
        this.hash = hash;
        this.kind = kind;
    }

    /** Whether a directory lists it. */
    boolean isListed() {
        return !isRemoved && (kind != NOTHING || isWhiteout);
    }

    /** A symbolic link keeps its target: later entries may lie behind it. */
    static final class Link extends Node {
        final byte[] target;

        Link(DirectoryNode parent, byte[] name, int hash, byte[] target) {
            super(parent, name, hash, SYMBOLIC_LINK);
            this.target = target;
        }
    }
}
