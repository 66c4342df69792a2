package io.keelson.image.layer;

import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Errno;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.Inodes;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.linux.NamedInodes;
import io.keelson.image.tar.Attributes;
import io.keelson.image.tar.ByteNames;
import io.keelson.image.tar.Xattr;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Optional;

/** Looks up names in a tree that {@link TreeWriter} wrote. */
final class TreeReader implements LayerView {
    private static final byte[] ITSELF = ByteNames.ascii(".");
    private static final long NANOS = 1_000_000_000;

    private final Fd tree;

    TreeReader(Path tree) {
        this.tree = Descriptors.open(tree, Descriptors.O_PATH | Descriptors.O_DIRECTORY, 0);
    }

    private record Found(TreeReader reader, byte[] path, boolean isDirectory, boolean isOpaque, Attributes attributes)
            implements LayerEntry {
        @Override
        public Optional<LayerEntry> find(byte[] name) {
            return isDirectory ? reader.find(path, name) : Optional.empty();
        }
    }

    @Override
    public LayerEntry root() {
        return found(tree, ITSELF, new byte[0]);
    }

    private Optional<LayerEntry> find(byte[] directory, byte[] name) {
        try (var fd = TreePaths.handle(tree, directory)) {
            return Optional.of(found(fd, name, ByteNames.join(directory, name)));
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private LayerEntry found(Fd directory, byte[] name, byte[] path) {
        var stat = NamedInodes.stat(directory, name);
        var xattrs = new ArrayList<Xattr>();
        for (var xattr : NamedInodes.llistxattr(directory, name)) {
            xattrs.add(new Xattr(xattr, NamedInodes.lgetxattr(directory, name, xattr)));
        }
        var isOpaque = stat.isDirectory() && xattrs.removeIf(xattr -> xattr.isNamed(ErofsInode.OPAQUE.name()));
        var attributes = new Attributes(
                stat.mode() & ~Inodes.S_IFMT,
                stat.uid(),
                stat.gid(),
                Math.floorDiv(stat.mtimeNanos(), NANOS),
                (int) Math.floorMod(stat.mtimeNanos(), NANOS),
                xattrs);
        return new Found(this, path, stat.isDirectory(), isOpaque, attributes);
    }

    @Override
    public void close() {
        tree.close();
    }
}
