package io.keelson.image.transfer;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.image.layer.LayerLimits;
import io.keelson.image.layer.PackedTar;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * An image in files of somebody else: a directory, or a tar that is read where it lies. Nothing of it is trusted: names lead nowhere but
 * into it, and what is read has a digest or a limit.
 */
public interface Archive extends AutoCloseable {
    /** Of what is free on the disk: an archive that unpacks to more than all of it leaves something to the others. */
    int ROOM_TENTHS = 9;

    /** How long the file is; absent if there is none of this name. */
    OptionalLong size(String name);

    /** @throws Failure ABSENT if there is no such file */
    InputStream open(String name);

    @Override
    void close();

    /** The whole file; absent if there is none. */
    default Optional<byte[]> read(String name, int limitBytes) {
        var size = size(name);
        if (size.isEmpty()) {
            return Optional.empty();
        }
        if (size.getAsLong() > limitBytes) {
            throw Failure.exhausted(name + " is larger than " + limitBytes + " bytes");
        }
        try (var in = open(name)) {
            return Optional.of(in.readNBytes(limitBytes));
        } catch (IOException e) {
            throw Failure.internal("cannot read " + name, e);
        }
    }

    /**
     * A directory or a tar, whichever it is. One that is packed takes as much room as it has unpacked, until it is closed.
     *
     * @param work where that is
     */
    static Archive at(Path path, Path work) {
        if (Files.isDirectory(path)) {
            return new DirectoryArchive(path);
        }
        if (!Files.isRegularFile(path)) {
            throw Failure.absent("there is no file or directory " + path);
        }
        try {
            return PackedTar.isPacked(path) ? unpacked(path, work) : TarArchive.open(path);
        } catch (IOException e) {
            throw DurableFiles.failed("read", path, e);
        }
    }

    /** Its name goes before it is read, so that nothing but the open file is left to take back. */
    private static Archive unpacked(Path path, Path work) throws IOException {
        DurableFiles.mkdirs(work);
        var directory = Files.createTempDirectory(work, "packed");
        try {
            var room = Files.getFileStore(work).getUsableSpace() / 10 * ROOM_TENTHS;
            var tar = directory.resolve("tar");
            PackedTar.unpack(path, tar, Math.min(room, LayerLimits.DEFAULT.unpackedBytes()));
            return TarArchive.open(tar);
        } finally {
            DurableFiles.deleteTree(directory);
        }
    }
}
