package io.keelson.simulation;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What java.nio.file asks of a {@link SimulatedDisk}. Modes and owners are taken and forgotten: no crash depends on them. */
final class SimulatedProvider extends FileSystemProvider {
    private static final long FREE_BYTES = 1L << 40;

    private final SimulatedDisk disk;

    SimulatedProvider(SimulatedDisk disk) {
        this.disk = disk;
    }

    @Override
    public String getScheme() {
        return "simulated";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> env) {
        throw new UnsupportedOperationException("simulated disks are made by their constructor");
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        return disk;
    }

    @Override
    public Path getPath(URI uri) {
        return disk.getPath(uri.getPath());
    }

    @Override
    public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        synchronized (disk) {
            var appends = options.contains(StandardOpenOption.APPEND);
            var writes = options.contains(StandardOpenOption.WRITE) || appends;
            var inode = open(path, options, writes);
            if (writes && options.contains(StandardOpenOption.TRUNCATE_EXISTING) && disk.length(inode) > 0) {
                disk.cut(inode, 0);
            }
            var reads = options.contains(StandardOpenOption.READ) || !writes;
            if (reads) {
                disk.toBeRead(path);
            }
            return new SimulatedChannel(disk, inode, reads, writes, appends ? disk.length(inode) : 0);
        }
    }

    private Inode open(Path path, Set<? extends OpenOption> options, boolean writes) throws IOException {
        if (writes && options.contains(StandardOpenOption.CREATE_NEW)) {
            return disk.create(path, false);
        }
        try {
            return disk.find(path);
        } catch (NoSuchFileException e) {
            if (writes && options.contains(StandardOpenOption.CREATE)) {
                return disk.create(path, false);
            }
            throw e;
        }
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        return newFileChannel(path, options, attributes);
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path directory, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        var children = new ArrayList<Path>();
        for (var child : disk.list(directory)) {
            if (filter.accept(child)) {
                children.add(child);
            }
        }
        return new DirectoryStream<>() {
            @Override
            public Iterator<Path> iterator() {
                return children.iterator();
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void createDirectory(Path directory, FileAttribute<?>... attributes) throws IOException {
        disk.create(directory, true);
    }

    @Override
    public void delete(Path path) throws IOException {
        disk.delete(path);
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) {
        throw new UnsupportedOperationException("nothing is copied here");
    }

    @Override
    public void move(Path from, Path to, CopyOption... options) throws IOException {
        synchronized (disk) {
            if (!List.of(options).contains(StandardCopyOption.ATOMIC_MOVE) && isThere(to)) {
                throw new FileAlreadyExistsException(to.toString());
            }
            disk.move(from, to);
        }
    }

    private boolean isThere(Path path) {
        try {
            disk.find(path);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public boolean isSameFile(Path one, Path other) {
        return one.equals(other);
    }

    @Override
    public boolean isHidden(Path path) {
        return false;
    }

    @Override
    public FileStore getFileStore(Path path) {
        return new FileStore() {
            @Override
            public String name() {
                return "simulated";
            }

            @Override
            public String type() {
                return "simulated";
            }

            @Override
            public boolean isReadOnly() {
                return false;
            }

            @Override
            public long getTotalSpace() {
                return FREE_BYTES;
            }

            @Override
            public long getUsableSpace() {
                return FREE_BYTES;
            }

            @Override
            public long getUnallocatedSpace() {
                return FREE_BYTES;
            }

            @Override
            public boolean supportsFileAttributeView(Class<? extends FileAttributeView> type) {
                return true;
            }

            @Override
            public boolean supportsFileAttributeView(String name) {
                return true;
            }

            @Override
            public <V extends java.nio.file.attribute.FileStoreAttributeView> V getFileStoreAttributeView(
                    Class<V> type) {
                return null;
            }

            @Override
            public Object getAttribute(String attribute) {
                throw new UnsupportedOperationException(attribute);
            }
        };
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        disk.find(path);
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(Path path, Class<V> type, LinkOption... options) {
        return type.isAssignableFrom(PosixFileAttributeView.class) ? type.cast(new View(path)) : null;
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
            throws IOException {
        return type.cast(new Attributes(disk.find(path)));
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) {
        throw new UnsupportedOperationException(attributes);
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options) throws IOException {
        disk.find(path);
    }

    private final class View implements PosixFileAttributeView {
        private final Path path;

        View(Path path) {
            this.path = path;
        }

        @Override
        public String name() {
            return "posix";
        }

        @Override
        public PosixFileAttributes readAttributes() throws IOException {
            return new Attributes(disk.find(path));
        }

        @Override
        public void setPermissions(Set<PosixFilePermission> permissions) throws IOException {
            disk.find(path);
        }

        @Override
        public void setGroup(GroupPrincipal group) {}

        @Override
        public UserPrincipal getOwner() {
            throw new UnsupportedOperationException("there are no users here");
        }

        @Override
        public void setOwner(UserPrincipal owner) {}

        @Override
        public void setTimes(FileTime modified, FileTime accessed, FileTime created) {}
    }

    private record Attributes(Inode inode) implements PosixFileAttributes {
        @Override
        public UserPrincipal owner() {
            throw new UnsupportedOperationException("there are no users here");
        }

        @Override
        public GroupPrincipal group() {
            throw new UnsupportedOperationException("there are no users here");
        }

        @Override
        public Set<PosixFilePermission> permissions() {
            return EnumSet.of(
                    PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);
        }

        @Override
        public FileTime lastModifiedTime() {
            return FileTime.fromMillis(0);
        }

        @Override
        public FileTime lastAccessTime() {
            return FileTime.fromMillis(0);
        }

        @Override
        public FileTime creationTime() {
            return FileTime.fromMillis(0);
        }

        @Override
        public boolean isRegularFile() {
            return !inode.isDirectory;
        }

        @Override
        public boolean isDirectory() {
            return inode.isDirectory;
        }

        @Override
        public boolean isSymbolicLink() {
            return false;
        }

        @Override
        public boolean isOther() {
            return false;
        }

        @Override
        public long size() {
            return inode.length;
        }

        @Override
        public Object fileKey() {
            return inode.number;
        }
    }
}
