package io.keelson.image.layer;

import io.keelson.host.failure.Failure;
import io.keelson.image.tar.ByteNames;
import io.keelson.image.tar.TarLimits;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The names of a layer. Paths are resolved here, in memory and within the layer: {@code ..} stops at the root, and a symbolic
 * link of the same layer is followed within it. A later entry of a name replaces an earlier one (a directory replaced by
 * something else loses its contents); two directories are one. One hash table holds all names, about 100 bytes each.
 */
final class LayerTree {
    /** As Linux has it (path_resolution(7)). */
    private static final int MAX_LINKS_FOLLOWED = 40;

    /** Unknown to whoever makes up names that would all meet in one bucket. */
    private static final int SEED = ThreadLocalRandom.current().nextInt();

    private final int limitNames;
    private @Nullable Node[] buckets = new @Nullable Node[1024];
    private int names;

    final DirectoryNode root = new DirectoryNode(null, new byte[0], 0);

    LayerTree(int limitNames) {
        this.limitNames = limitNames;
    }

    /** A place that an entry names: a directory and a name in it; the root has no name. */
    record Place(DirectoryNode directory, byte @Nullable [] name) {}

    int size() {
        return names;
    }

    /** Where an entry of this name goes; directories on the way that are missing become implied ones. */
    Place place(byte[] path) {
        var components = new ArrayDeque<>(ByteNames.components(path));
        var last = components.pollLast();
        if (last == null) {
            return new Place(root, null);
        }
        var directory = walk(components, true);
        if (ByteNames.isParent(last)) {
            throw Failure.invalid("name ends with \"..\"");
        }
        if (directory == null) {
            throw Failure.invalid("its directory does not exist");
        }
        return new Place(directory, checked(last));
    }

    /** What has this name now, links in its directory's path followed; null if nothing has. */
    @Nullable
    Node find(byte[] path) {
        var components = new ArrayDeque<>(ByteNames.components(path));
        var last = components.pollLast();
        var directory = walk(components, false);
        return last == null || directory == null ? directory : child(directory, last);
    }

    private static byte[] checked(byte[] name) {
        if (name.length > TarLimits.MAX_NAME_BYTES) {
            throw Failure.invalid("a part of its name is longer than " + TarLimits.MAX_NAME_BYTES + " bytes");
        }
        return name;
    }

    private @Nullable DirectoryNode walk(Deque<byte[]> components, boolean makesDirectories) {
        var directory = root;
        var followed = 0;
        for (var name = components.poll(); name != null; name = components.poll()) {
            if (ByteNames.isParent(name)) {
                directory = directory.parent;
                continue;
            }
            var child = child(directory, checked(name));
            switch (child) {
                case DirectoryNode next -> directory = next;
                case Node.Link link -> {
                    if (++followed > MAX_LINKS_FOLLOWED) {
                        throw Failure.invalid("too many symbolic links in its path");
                    }
                    directory = link.target.length > 0 && link.target[0] == '/' ? root : directory;
                    var target = ByteNames.components(link.target);
                    for (var i = target.size() - 1; i >= 0; i--) {
                        components.push(target.get(i));
                    }
                }
                case null, default -> {
                    if (child != null && child.kind != Node.NOTHING) {
                        throw Failure.invalid(ByteNames.quote(name) + " in its path is not a directory");
                    }
                    if (!makesDirectories) {
                        return null;
                    }
                    directory = putDirectory(directory, name);
                }
            }
        }
        return directory;
    }

    @Nullable
    Node child(DirectoryNode directory, byte[] name) {
        var hash = hash(directory, name);
        for (var node = buckets[hash & (buckets.length - 1)]; node != null; node = node.nextInBucket) {
            if (node.hash == hash && node.parent == directory && Arrays.equals(node.name, name)) {
                return node;
            }
        }
        return null;
    }

    /** The directory of this name: the one that is there, or a new one in place of anything else. */
    DirectoryNode putDirectory(DirectoryNode directory, byte[] name) {
        var existing = child(directory, name);
        if (existing instanceof DirectoryNode same) {
            return same;
        }
        var node = new DirectoryNode(directory, name, hash(directory, name));
        if (node.pathBytes > TarLimits.MAX_PATH_BYTES) {
            throw Failure.invalid("its path is longer than " + TarLimits.MAX_PATH_BYTES + " bytes");
        }
        replace(existing, node);
        return node;
    }

    Node putLink(DirectoryNode directory, byte[] name, byte[] target, int slot) {
        var node = new Node.Link(directory, name, hash(directory, name), target);
        node.slot = slot;
        replace(child(directory, name), node);
        return node;
    }

    /** A file or device, in place of whatever had the name. */
    Node put(DirectoryNode directory, byte[] name, byte kind, int slot) {
        var node = plain(directory, name);
        node.kind = kind;
        node.slot = slot;
        node.isLinked = false;
        return node;
    }

    /** Hides what the layers below have under this name; an entry of this layer stays. */
    void putWhiteout(DirectoryNode directory, byte[] name) {
        var existing = child(directory, checked(name));
        (existing == null ? plain(directory, name) : existing).isWhiteout = true;
    }

    private Node plain(DirectoryNode directory, byte[] name) {
        var existing = child(directory, name);
        if (existing != null && !(existing instanceof DirectoryNode) && !(existing instanceof Node.Link)) {
            return existing;
        }
        var node = new Node(directory, name, hash(directory, name), Node.NOTHING);
        replace(existing, node);
        return node;
    }

    private void replace(@Nullable Node existing, Node node) {
        if (existing != null) {
            node.isWhiteout = existing.isWhiteout;
            remove(existing);
        }
        if (names >= limitNames) {
            throw Failure.exhausted("layer has more than " + limitNames + " names");
        }
        if (names >= buckets.length) {
            grow();
        }
        var bucket = node.hash & (buckets.length - 1);
        node.nextInBucket = buckets[bucket];
        buckets[bucket] = node;
        node.parent.add(node);
        names++;
    }

    private void remove(Node top) {
        var pending = new ArrayDeque<Node>(List.of(top));
        for (var node = pending.poll(); node != null; node = pending.poll()) {
            unlink(node);
            if (node instanceof DirectoryNode directory) {
                for (var child = directory.firstChild; child != null; child = child.nextSibling) {
                    if (!child.isRemoved) {
                        pending.push(child);
                    }
                }
            }
        }
    }

    // The name still counts: whoever makes and replaces names without end must end, too.
    private void unlink(Node node) {
        node.isRemoved = true;
        var bucket = node.hash & (buckets.length - 1);
        var current = buckets[bucket];
        if (node.equals(current)) {
            buckets[bucket] = node.nextInBucket;
            return;
        }
        while (current != null && !node.equals(current.nextInBucket)) {
            current = current.nextInBucket;
        }
        if (current != null) {
            current.nextInBucket = node.nextInBucket;
        }
    }

    private void grow() {
        var old = buckets;
        buckets = new @Nullable Node[old.length * 2];
        for (var head : old) {
            for (var node = head; node != null; ) {
                var next = node.nextInBucket;
                var bucket = node.hash & (buckets.length - 1);
                node.nextInBucket = buckets[bucket];
                buckets[bucket] = node;
                node = next;
            }
        }
    }

    private static int hash(DirectoryNode directory, byte[] name) {
        var hash = SEED ^ (directory.hash * 31 + directory.pathBytes);
        for (var value : name) {
            hash = (hash ^ value) * 0x01000193;
        }
        return hash ^ hash >>> 15;
    }

    /** Every directory, parents before their children. */
    List<DirectoryNode> directories() {
        var all = new ArrayList<DirectoryNode>();
        all.add(root);
        for (var i = 0; i < all.size(); i++) {
            for (var child = all.get(i).firstChild; child != null; child = child.nextSibling) {
                if (child instanceof DirectoryNode directory && !child.isRemoved) {
                    all.add(directory);
                }
            }
        }
        return all;
    }
}
