package io.keelson.image.transfer;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
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

    /** A directory or a tar, whichever it is. */
    static Archive at(Path path) {
        if (Files.isDirectory(path)) {
            return new DirectoryArchive(path);
        }
        if (!Files.isRegularFile(path)) {
            throw Failure.absent("there is no file or directory " + path);
        }
        try {
            return TarArchive.open(path);
        } catch (IOException e) {
            throw DurableFiles.failed("read", path, e);
        }
    }
}
