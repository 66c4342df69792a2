package io.keelson.image.transfer;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** A directory of files. */
record DirectoryArchive(Path directory) implements Archive {
    private Path path(String name) {
        if (name.startsWith("/") || List.of(name.split("/", -1)).contains("..")) {
            throw Failure.invalid("the name \"" + name + "\" leads out of the archive");
        }
        try {
            return directory.resolve(name);
        } catch (InvalidPathException e) {
            throw new Failure(Failure.Kind.INVALID, "the archive names a file that can have no such name", e);
        }
    }

    @Override
    public OptionalLong size(String name) {
        var path = path(name);
        try {
            return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
                    ? OptionalLong.of(Files.size(path))
                    : OptionalLong.empty();
        } catch (IOException e) {
            throw DurableFiles.failed("read", path, e);
        }
    }

    @Override
    public InputStream open(String name) {
        if (size(name).isEmpty()) {
            throw Failure.absent("there is no file " + name + " in " + directory);
        }
        try {
            return Files.newInputStream(path(name), LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            throw DurableFiles.failed("read", path(name), e);
        }
    }

    @Override
    public void close() {}
}
