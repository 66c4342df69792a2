package io.keelson.image.layer;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import io.keelson.host.disk.DurableFiles;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.LinuxException;
import io.keelson.image.tar.ByteNames;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where the contents of a tar's entries lie in a tree. A file beside the tree has a path for each number, in order, each with a NUL
 * behind it; an empty path stands for something that a later entry replaced, and that is still among {@value TreeWriter#ENTRIES}.
 */
final class TreeContents implements StoredContents {
    static final String FILE = "layer.contents";

    private static final int LEVEL = 1;

    private final Path directory;
    private final InputStream paths;
    private final Fd tree;
    private long read;

    /** @param directory of the layer */
    TreeContents(Path directory) throws IOException {
        this.directory = directory;
        paths = new BufferedInputStream(new ZstdInputStreamNoFinalizer(Files.newInputStream(directory.resolve(FILE))));
        tree = Descriptors.open(directory.resolve(LayerStore.TREE), Descriptors.O_PATH | Descriptors.O_DIRECTORY, 0);
    }

    /** @param count numbers that were given */
    static void write(Path directory, LayerTree tree, int count) throws IOException {
        var named = new @Nullable Node[count];
        for (var each : tree.directories()) {
            each.listed().stream().filter(child -> child.kind == Node.FILE).forEach(child -> named[child.slot] = child);
        }
        try (var out = new BufferedOutputStream(
                new ZstdOutputStreamNoFinalizer(Files.newOutputStream(directory.resolve(FILE)), LEVEL))) {
            for (var node : named) {
                if (node != null) {
                    out.write(ByteNames.join(node.parent.path(), node.name));
                }
                out.write(0);
            }
        }
    }

    @Override
    public void transfer(long position, OutputStream out) throws IOException {
        var path = next();
        while (read < position) {
            path = next();
        }
        try (var fd = path.length == 0 ? replaced(position - 1) : TreePaths.file(tree, path);
                var in = Files.newInputStream(fd.procPath())) {
            in.transferTo(out);
        } catch (LinuxException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private Fd replaced(long number) {
        return Descriptors.open(
                directory.resolve(TreeWriter.ENTRIES).resolve(Long.toString(number)),
                Descriptors.O_RDONLY | Descriptors.O_NOFOLLOW,
                0);
    }

    private byte[] next() throws IOException {
        var path = new ByteArrayOutputStream();
        for (var octet = paths.read(); octet != 0; octet = paths.read()) {
            if (octet < 0) {
                throw new EOFException(FILE + " ends too early");
            }
            path.write(octet);
        }
        read++;
        return path.toByteArray();
    }

    @Override
    public void close() {
        tree.close();
        try {
            paths.close();
        } catch (IOException e) {
            throw DurableFiles.failed("close", directory.resolve(FILE), e);
        }
    }
}
