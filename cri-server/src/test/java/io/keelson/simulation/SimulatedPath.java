package io.keelson.simulation;

import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A path of a {@link SimulatedDisk}. */
final class SimulatedPath implements Path {
    private final SimulatedDisk disk;
    private final boolean isAbsolute;
    private final List<String> names;

    SimulatedPath(SimulatedDisk disk, boolean isAbsolute, List<String> names) {
        this.disk = disk;
        this.isAbsolute = isAbsolute;
        this.names = List.copyOf(names);
    }

    List<String> names() {
        return names;
    }

    private SimulatedPath with(boolean absolute, List<String> others) {
        return new SimulatedPath(disk, absolute, others);
    }

    @Override
    public FileSystem getFileSystem() {
        return disk;
    }

    @Override
    public boolean isAbsolute() {
        return isAbsolute;
    }

    @Override
    public Path getRoot() {
        return isAbsolute ? with(true, List.of()) : null;
    }

    @Override
    public Path getFileName() {
        return names.isEmpty() ? null : with(false, List.of(names.getLast()));
    }

    @Override
    public Path getParent() {
        if (names.isEmpty() || (names.size() == 1 && !isAbsolute)) {
            return null;
        }
        return with(isAbsolute, names.subList(0, names.size() - 1));
    }

    @Override
    public int getNameCount() {
        return names.size();
    }

    @Override
    public Path getName(int index) {
        return with(false, List.of(names.get(index)));
    }

    @Override
    public Path subpath(int begin, int end) {
        return with(false, names.subList(begin, end));
    }

    @Override
    public boolean startsWith(Path other) {
        return other instanceof SimulatedPath path
                && path.isAbsolute == isAbsolute
                && path.names.size() <= names.size()
                && names.subList(0, path.names.size()).equals(path.names);
    }

    @Override
    public boolean endsWith(Path other) {
        return other instanceof SimulatedPath path
                && path.names.size() <= names.size()
                && names.subList(names.size() - path.names.size(), names.size()).equals(path.names);
    }

    @Override
    public Path normalize() {
        var kept = new ArrayList<String>();
        for (var name : names) {
            if (name.equals("..") && !kept.isEmpty()) {
                kept.removeLast();
            } else if (!name.equals(".") && !name.equals("..")) {
                kept.add(name);
            }
        }
        return with(isAbsolute, kept);
    }

    @Override
    public Path resolve(Path other) {
        var path = (SimulatedPath) other;
        if (path.isAbsolute) {
            return path;
        }
        var all = new ArrayList<>(names);
        all.addAll(path.names);
        return with(isAbsolute, all);
    }

    @Override
    public Path relativize(Path other) {
        if (!other.startsWith(this)) {
            throw new IllegalArgumentException(other + " is not below " + this);
        }
        var path = (SimulatedPath) other;
        return with(false, path.names.subList(names.size(), path.names.size()));
    }

    @Override
    public URI toUri() {
        return URI.create("simulated://" + this);
    }

    @Override
    public Path toAbsolutePath() {
        return with(true, names);
    }

    @Override
    public Path toRealPath(LinkOption... options) {
        return toAbsolutePath();
    }

    @Override
    public WatchKey register(WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
        throw new UnsupportedOperationException("nobody watches a simulated disk");
    }

    @Override
    public int compareTo(Path other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SimulatedPath path && path.isAbsolute == isAbsolute && path.names.equals(names);
    }

    @Override
    public int hashCode() {
        return Objects.hash(isAbsolute, names);
    }

    @Override
    public String toString() {
        return (isAbsolute ? "/" : "") + String.join("/", names);
    }
}
