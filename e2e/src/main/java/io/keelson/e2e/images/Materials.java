package io.keelson.e2e.images;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the images are filled with: the directory that {@code e2e/images/make} prints. */
public record Materials(Path directory) {
    private static final int EXECUTABLE = 0755;

    /** One of the programs. */
    byte[] program(String name) throws IOException {
        return Files.readAllBytes(directory.resolve(name));
    }

    /**
     * A root file system of busybox: every applet a hard link in {@code /bin} (a symbolic link would let a masked
     * {@code /bin/ls} mask all of them), the directories that programs expect, and the users root, nobody and www-data.
     */
    Layer busybox() throws IOException {
        var tar = new LayerTar();
        for (var path : List.of(
                "bin", "etc", "proc", "sys", "dev", "root", "usr", "usr/bin", "var", "var/run", "var/lib", "home")) {
            tar.directory(path, EXECUTABLE);
        }
        tar.directory("tmp", 01777);
        tar.file("bin/busybox", EXECUTABLE, program("busybox"));
        for (var applet : Files.readAllLines(directory.resolve("applets"), UTF_8)) {
            if (!applet.equals("busybox")) {
                tar.hardLink("bin/" + applet, "bin/busybox", EXECUTABLE);
            }
        }
        tar.file("etc/passwd", 0644, """
                root:x:0:0:root:/root:/bin/sh
                www-data:x:33:33:www-data:/var/www:/bin/false
                nobody:x:65534:65534:nobody:/home:/bin/false
                """);
        tar.file("etc/group", 0644, "root:x:0:\nwww-data:x:33:\nnobody:x:65534:\nnogroup:x:65533:\n");
        return Layer.of(tar);
    }

    /** Debian's nginx with its libraries, serving one page on {@code port}, in the foreground. */
    Layer nginx(int port) throws IOException {
        var tar = new LayerTar();
        addTree(tar, directory.resolve("nginx"));
        for (var path : List.of("var/log", "var/log/nginx", "var/lib/nginx", "srv", "srv/www", "etc/nginx")) {
            tar.directory(path, EXECUTABLE);
        }
        tar.file("srv/www/index.html", 0644, "nginx answers\n");
        tar.file("etc/nginx/nginx.conf", 0644, """
                daemon off;
                worker_processes 1;
                pid /var/run/nginx.pid;
                error_log stderr;
                events { worker_connections 64; }
                http {
                  access_log off;
                  server { listen %d; root /srv/www; }
                }
                """.formatted(port));
        return Layer.of(tar);
    }

    /** Only links and files that are programs: everything is for all to read and run. */
    private static void addTree(LayerTar tar, Path root) throws IOException {
        List<Path> paths;
        try (var walk = Files.walk(root)) {
            paths = walk.filter(path -> !path.equals(root)).sorted().toList();
        }
        for (var path : paths) {
            var name = root.relativize(path).toString();
            if (Files.isDirectory(path)) {
                tar.directory(name, EXECUTABLE);
            } else {
                tar.file(name, EXECUTABLE, Files.readAllBytes(path));
            }
        }
    }
}
