package io.keelson.image.layer;

import io.keelson.image.tar.Attributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A directory of a layer, whether the tar has an entry for it or only entries below it. */
final class DirectoryNode extends Node {
    @Nullable
    Node firstChild;
    /** Null as long as the tar has no entry for it. */
    @Nullable
    Attributes attributes;
    /** The contents of the same directory in the layers below are hidden. */
    boolean isOpaque;

    final int pathBytes;

    DirectoryNode(@Nullable DirectoryNode parent, byte[] name, int hash) {
        super(parent, name, hash, DIRECTORY);
        this.pathBytes = parent == null ? 0 : parent.pathBytes + 1 + name.length;
    }

    boolean isRoot() {
        return parent == this;
    }

    boolean hidesLower() {
        return isOpaque || isWhiteout;
    }

    Attributes attributesOrImplied() {
        return attributes == null ? Attributes.IMPLIED : attributes;
    }

    void add(Node child) {
        child.nextSibling = firstChild;
        firstChild = child;
    }

    /** What it lists, in no order. */
    List<Node> listed() {
        var children = new ArrayList<Node>();
        for (var child = firstChild; child != null; child = child.nextSibling) {
            if (child.isListed()) {
                children.add(child);
            }
        }
        return children;
    }

    /** From the root, without a leading slash. */
    byte[] path() {
        if (isRoot()) {
            return new byte[0];
        }
        var path = new byte[pathBytes - 1];
        var end = path.length;
        for (var node = this; !node.isRoot(); node = node.parent) {
            end -= node.name.length;
            System.arraycopy(node.name, 0, path, end, node.name.length);
            if (end > 0) {
                path[--end] = '/';
            }
        }
        return path;
    }
}
