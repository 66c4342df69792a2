package io.keelson.simulation;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.disk.FileTrees;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A disk in memory that keeps a journal of every change, so that it can be had as it was after any of them, with or without power. It is
 * what java.nio.file calls a file system: our stores use it as they use the machine's.
 */
final class SimulatedDisk extends FileSystem implements FileTrees {
    static final String NOBODY = "nobody";
    private static final int ROOT = 0;

    /** What keeps a call from doing what it was asked to. */
    interface Fault {
        Fault NONE = (_, _) -> {};

        void before(String call, Path path) throws IOException;
    }

    private final SimulatedProvider provider = new SimulatedProvider(this);
    private final Map<Integer, Inode> inodes = new HashMap<>();
    private final Journal journal;
    private int last = ROOT;
    /** Directories with changes that are not on disk. */
    private final Set<Integer> unsynchronised = new HashSet<>();

    private String held = NOBODY;
    private Set<String> later = Set.of();
    private List<Path> first = List.of();
    private Fault fault = Fault.NONE;

    /** Empty. */
    SimulatedDisk(Journal journal) {
        this.journal = journal;
        inodes.put(ROOT, new Inode(ROOT, true));
    }

    /** As these steps leave it. The journal begins with what makes it so, all of it on disk. */
    static SimulatedDisk after(List<Step> steps, Journal journal) {
        var before = new SimulatedDisk(new Journal());
        steps.forEach(before::apply);
        var disk = new SimulatedDisk(journal);
        disk.copy(before.inodes.get(ROOT), ROOT);
        return disk;
    }

    private synchronized void copy(Inode from, int to) {
        from.entries.forEach((name, child) -> {
            var inode = make(child.isDirectory);
            if (child.isDirectory) {
                copy(child, inode.number);
            } else {
                happens(new Step.Written(inode.number, 0, Arrays.copyOf(child.bytes, child.length)));
                happens(new Step.Synced(inode.number));
            }
            happens(new Step.Named(to, name, inode.number));
        });
        happens(new Step.Synced(to));
    }

    /** From now on. */
    synchronized void fail(Fault with) {
        fault = with;
    }

    Path root() {
        return new SimulatedPath(this, true, List.of());
    }

    private void happens(Step step) {
        apply(step);
        journal.add(step);
        notifyAll();
    }

    /**
     * From now on threads whose names begin so make nothing before these files are there and synchronised: of what is done at the same time, the one
     * comes before the other in every run.
     */
    synchronized void order(Set<String> threads, List<String> files) {
        later = Set.copyOf(threads);
        first = files.stream().map(file -> getPath(file)).toList();
    }

    /** From now on threads of this name change nothing, until another name is given. */
    synchronized void hold(String thread) {
        held = thread;
        notifyAll();
    }

    private void awaitTurn() {
        try {
            while (mustWait(Thread.currentThread().getName())) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean mustWait(String thread) {
        if (first.stream().allMatch(this::isSynchronised)) {
            first = List.of();
        }
        return thread.equals(held) || (!first.isEmpty() && later.stream().anyMatch(thread::startsWith));
    }

    private boolean isSynchronised(Path file) {
        var directory = find(names(file.getParent()));
        return directory != null && find(names(file)) != null && !unsynchronised.contains(directory.number);
    }

    private void apply(Step step) {
        switch (step) {
            case Step.Made(int inode, boolean isDirectory) -> {
                inodes.put(inode, new Inode(inode, isDirectory));
                last = Math.max(last, inode);
            }
            case Step.Named(int directory, String name, int inode) ->
                entries(directory).put(name, inodes.get(inode));
            case Step.Unnamed(int directory, String name) -> entries(directory).remove(name);
            case Step.Moved(int from, String oldName, int to, String newName, int inode) -> {
                unsynchronised.add(to);
                entries(from).remove(oldName);
                entries(to).put(newName, inodes.get(inode));
            }
            case Step.Exchanged(int directory, String one, String other) -> {
                var entries = entries(directory);
                var first = entries.get(one);
                var second = entries.get(other);
                if (first != null && second != null) {
                    entries.put(one, second);
                    entries.put(other, first);
                }
            }
            case Step.Written(int inode, long position, byte[] bytes) ->
                inodes.get(inode).write(position, bytes);
            case Step.Cut(int inode, long length) -> inodes.get(inode).setLength(length);
            case Step.Synced(int inode) -> unsynchronised.remove(inode);
            case Step.Outside _, Step.Answered _ -> {}
        }
    }

    private Map<String, Inode> entries(int directory) {
        return inodes.get(directory).entries;
    }

    private Inode make(boolean isDirectory) {
        happens(new Step.Made(last + 1, isDirectory));
        return inodes.get(last);
    }

    private Inode find(List<String> names) {
        var inode = inodes.get(ROOT);
        for (var name : names) {
            inode = inode == null ? null : inode.entries.get(name);
        }
        return inode;
    }

    synchronized Inode find(Path path) throws IOException {
        fault.before("look", path);
        var inode = find(names(path));
        if (inode == null) {
            throw new NoSuchFileException(path.toString());
        }
        return inode;
    }

    private static List<String> names(Path path) {
        return ((SimulatedPath) path).names();
    }

    private Inode parent(Path path) throws IOException {
        var names = names(path);
        var parent = find(names.subList(0, names.size() - 1));
        if (parent == null) {
            throw new NoSuchFileException(path.toString());
        }
        if (!parent.isDirectory) {
            throw new NotDirectoryException(path.toString());
        }
        return parent;
    }

    private static String name(Path path) {
        return names(path).getLast();
    }

    synchronized Inode create(Path path, boolean isDirectory) throws IOException {
        awaitTurn();
        fault.before(isDirectory ? "mkdir" : "open", path);
        var parent = parent(path);
        if (parent.entries.containsKey(name(path))) {
            throw new FileAlreadyExistsException(path.toString());
        }
        var inode = make(isDirectory);
        happens(new Step.Named(parent.number, name(path), inode.number));
        return inode;
    }

    /** Before what is in it is read. */
    synchronized void toBeRead(Path path) throws IOException {
        fault.before("read", path);
    }

    synchronized void delete(Path path) throws IOException {
        awaitTurn();
        var parent = parent(path);
        var inode = find(path);
        if (!inode.entries.isEmpty()) {
            throw new DirectoryNotEmptyException(path.toString());
        }
        fault.before("unlink", path);
        happens(new Step.Unnamed(parent.number, name(path)));
    }

    synchronized void move(Path from, Path to) throws IOException {
        var inode = find(from);
        var target = parent(to);
        fault.before("rename", to);
        var before = target.entries.get(name(to));
        if (before != null && before.isDirectory && !before.entries.isEmpty()) {
            throw new DirectoryNotEmptyException(to.toString());
        }
        if (before != null && before.isDirectory != inode.isDirectory) {
            throw new FileSystemException(
                    to.toString(), null, before.isDirectory ? "Is a directory" : "Not a directory");
        }
        happens(new Step.Moved(parent(from).number, name(from), target.number, name(to), inode.number));
    }

    @Override
    public synchronized void exchange(Path one, Path other) {
        try {
            fault.before("rename", other);
            find(one);
            find(other);
            happens(new Step.Exchanged(parent(one).number, name(one), name(other)));
        } catch (IOException e) {
            throw DurableFiles.failed("exchange with " + one, other, e);
        }
    }

    @Override
    public synchronized boolean remove(Path directory) {
        var inode = find(names(directory));
        if (inode == null) {
            return false;
        }
        try {
            for (var name : List.copyOf(inode.entries.keySet())) {
                remove(directory.resolve(name));
            }
            delete(directory);
            return true;
        } catch (IOException e) {
            throw DurableFiles.failed("remove", directory, e);
        }
    }

    synchronized List<Path> list(Path directory) throws IOException {
        var inode = find(directory);
        if (!inode.isDirectory) {
            throw new NotDirectoryException(directory.toString());
        }
        return inode.entries.keySet().stream().map(directory::resolve).toList();
    }

    synchronized int read(Inode inode, ByteBuffer into, long from) {
        if (from >= inode.length) {
            return into.hasRemaining() ? -1 : 0;
        }
        var count = (int) Math.min(into.remaining(), inode.length - from);
        into.put(inode.bytes, (int) from, count);
        return count;
    }

    synchronized void write(Inode inode, long to, byte[] bytes) throws IOException {
        fault.before("write", root());
        happens(new Step.Written(inode.number, to, bytes));
    }

    synchronized void cut(Inode inode, long length) {
        happens(new Step.Cut(inode.number, length));
    }

    synchronized void sync(Inode inode) throws IOException {
        awaitTurn();
        fault.before("fsync", root());
        happens(new Step.Synced(inode.number));
    }

    synchronized long length(Inode inode) {
        return inode.length;
    }

    /** The paths of all files and empty directories. */
    synchronized List<String> everything() {
        var found = new ArrayList<String>();
        collect("", inodes.get(ROOT), found);
        return found;
    }

    private static void collect(String path, Inode inode, List<String> found) {
        if (inode.entries.isEmpty()) {
            found.add(path + (inode.isDirectory ? "/" : ""));
        }
        inode.entries.forEach((name, child) -> collect(path + "/" + name, child, found));
    }

    @Override
    public FileSystemProvider provider() {
        return provider;
    }

    @Override
    public Path getPath(String first, String... more) {
        var text = String.join("/", first, String.join("/", more));
        return new SimulatedPath(
                this,
                text.startsWith("/"),
                Arrays.stream(text.split("/")).filter(name -> !name.isEmpty()).toList());
    }

    @Override
    public void close() {}

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public String getSeparator() {
        return "/";
    }

    @Override
    public Iterable<Path> getRootDirectories() {
        return List.of(root());
    }

    @Override
    public Iterable<FileStore> getFileStores() {
        return List.of();
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
        return Set.of("basic", "posix", "unix");
    }

    @Override
    public PathMatcher getPathMatcher(String syntaxAndPattern) {
        throw new UnsupportedOperationException("nothing is matched here");
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
        throw new UnsupportedOperationException("there are no users here");
    }

    @Override
    public WatchService newWatchService() {
        throw new UnsupportedOperationException("nobody watches a simulated disk");
    }
}
