package io.keelson.e2e;

import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.RegistryImage;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import java.nio.file.Path;
import java.util.List;

/** Images that Jib makes of the files {@code busybox} and {@code made} of a directory: a layer for each. */
final class JibImages {
    private final Path directory;
    private final List<String> command;

    JibImages(Path directory, List<String> command) {
        this.directory = directory;
        this.command = command;
    }

    /** To a registry on loopback, without TLS. */
    void push(ImageFormat format, String name) throws Exception {
        make(format, Containerizer.to(RegistryImage.named(name)).setAllowInsecureRegistries(true));
    }

    /** To an archive. */
    void write(Path archive, String name) throws Exception {
        make(ImageFormat.Docker, Containerizer.to(TarImage.at(archive).named(name)));
    }

    private void make(ImageFormat format, Containerizer target) throws Exception {
        var cache = directory.resolve("jib");
        builder()
                .setFormat(format)
                .setProgramArguments(command)
                .containerize(target.setBaseImageLayersCache(cache).setApplicationLayersCache(cache));
    }

    private JibContainerBuilder builder() {
        return Jib.fromScratch()
                .addFileEntriesLayer(FileEntriesLayer.builder()
                        .addEntry(
                                directory.resolve("busybox"),
                                AbsoluteUnixPath.get("/bin/busybox"),
                                FilePermissions.fromOctalString("755"))
                        .build())
                .addFileEntriesLayer(FileEntriesLayer.builder()
                        .addEntry(directory.resolve("made"), AbsoluteUnixPath.get("/made"))
                        .build());
    }
}
