package io.keelson.image.layer;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.process.Command;
import io.keelson.host.process.SpawnedProcesses;
import io.keelson.image.compression.Compression;
import io.keelson.image.reference.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;

/** Layers out of tars, and the host's own tools to look at them. */
public final class LayerFixture {
    private static final String DESCRIBE = """
            import hashlib, os, stat, sys
            def lines(top):
                pending = [top]
                while pending:
                    path = pending.pop()
                    s = os.lstat(path)
                    kind = stat.S_IFMT(s.st_mode)
                    about = [path[len(top):] or b'/', b'%o' % s.st_mode, b'%d:%d' % (s.st_uid, s.st_gid)]
                    about += [b'links %d' % s.st_nlink, b'mtime %d' % s.st_mtime_ns]
                    if kind == stat.S_IFDIR:
                        pending += [path + b'/' + name for name in os.listdir(path)]
                    else:
                        about.append(b'size %d' % s.st_size)
                    if kind in (stat.S_IFCHR, stat.S_IFBLK):
                        about.append(b'device %d:%d' % (os.major(s.st_rdev), os.minor(s.st_rdev)))
                    if kind == stat.S_IFLNK:
                        about.append(os.readlink(path))
                    if kind == stat.S_IFREG:
                        with open(path, 'rb') as f:
                            about.append(hashlib.file_digest(f, 'sha256').hexdigest().encode())
                    for name in sorted(os.listxattr(path, follow_symlinks=False)):
                        about.append(name.encode() + b'=' + os.getxattr(path, name, follow_symlinks=False).hex().encode())
                    yield repr(about)
            print(chr(10).join(sorted(lines(os.fsencode(sys.argv[1])))))
            """;

    private LayerFixture() {}

    public static Digest digest(byte[] tar) {
        return new Digest(
                "sha256", HexFormat.of().formatHex(LayerChecksum.sha256().digest(tar)));
    }

    public static Layer convert(LayerStore store, byte[] tar) {
        return convert(store, tar, LayerLimits.DEFAULT);
    }

    public static Layer convert(LayerStore store, byte[] tar, LayerKind kind) {
        return convert(new LayerConverter(store, LayerLimits.DEFAULT, true, kind), tar);
    }

    public static Layer convert(LayerStore store, byte[] tar, LayerLimits limits) {
        return convert(new LayerConverter(store, limits), tar);
    }

    private static Layer convert(LayerConverter converter, byte[] tar) {
        return converter.convert(new ByteArrayInputStream(tar), Compression.NONE, digest(tar), new StageTimes());
    }

    /** Runs a shell script with these arguments; what it printed. */
    public static String shell(String script, Object... arguments) {
        var command = new ArrayList<>(List.of("/bin/bash", "-euc", script, "bash"));
        for (var argument : arguments) {
            command.add(argument.toString());
        }
        var finished = new SpawnedProcesses()
                .run(Command.of(command).within(Duration.ofMinutes(2)).limitedTo(64 << 20, 1 << 20));
        if (!finished.isSuccess()) {
            throw new AssertionError(script + " " + List.of(arguments) + ": " + finished.complaint());
        }
        return new String(finished.stdout(), StandardCharsets.ISO_8859_1);
    }

    /** Everything that can be seen of a tree, in one text: names, attributes, extended attributes, contents. */
    public static String describe(Path tree) {
        return shell("exec python3 -c \"$1\" \"$2\"", DESCRIBE, tree);
    }

    /**
     * What must be the same however the tree came to be: without link counts, which an overlay does not keep, and without
     * times of directories, which unpacking touches.
     */
    public static String describeShape(Path tree) {
        return describe(tree)
                .replaceAll("b'links \\d+', ", "")
                .replaceAll("(?m)^(\\[b.*, b'4\\d{4}', b'\\d+:\\d+', )b'mtime -?\\d+'", "$1");
    }

    /** Shows what differs, not all there is. */
    public static void assertSame(String actual, String expected) {
        var seen = new HashSet<>(List.of(actual.split("\n")));
        var wanted = new HashSet<>(List.of(expected.split("\n")));
        assertThat(seen.stream()
                        .filter(line -> !wanted.contains(line))
                        .sorted()
                        .limit(5)
                        .toList())
                .isEqualTo(wanted.stream()
                        .filter(line -> !seen.contains(line))
                        .sorted()
                        .limit(5)
                        .toList());
        assertThat(actual).isEqualTo(expected);
    }

    /** Names of any bytes included. */
    public static void delete(Path tree) {
        shell("rm -rf --one-file-system \"$1\"", tree);
    }

    public static Path temporary() throws IOException {
        return Files.createTempDirectory("keelson-layer");
    }
}
