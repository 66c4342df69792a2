package io.keelson.simulation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * What is left of a journal. A killed daemon leaves all that it did: the kernel has it. A power failure leaves what was synchronised, and of the
 * rest what chance wants: of the changes of directories the first few, in the order in which they were made, as file systems with a journal keep
 * them; of a file's the first few, and half of one, or its length with zeros, or nothing.
 */
final class Crash {
    private final List<Step> steps;
    private final Random random;
    private final Map<Integer, Integer> lastSync = new HashMap<>();

    private Crash(List<Step> steps, Random random) {
        this.steps = steps;
        this.random = random;
        for (var i = 0; i < steps.size(); i++) {
            if (steps.get(i) instanceof Step.Synced(int inode)) {
                lastSync.put(inode, i);
            }
        }
    }

    /** Chance that is the same for the same seed, and another for the next: the first numbers of neighbouring seeds are alike. */
    static Random random(long seed) {
        return new Random(seed * 0x9E37_79B9_7F4A_7C15L);
    }

    /** Steps that make the disk what it is when the power comes back. */
    static List<Step> powerLoss(List<Step> steps, Random random) {
        return new Crash(steps, random).survivors();
    }

    private List<Step> survivors() {
        var names = survivingNames();
        var contents = survivingContents();
        var left = new ArrayList<Step>();
        for (var i = 0; i < steps.size(); i++) {
            switch (steps.get(i)) {
                case Step.Made made -> left.add(made);
                case Step.Written _, Step.Cut _ -> left.addAll(contents.getOrDefault(i, List.of()));
                case Step.Synced _, Step.Outside _, Step.Answered _ -> {}
                default -> {
                    if (names.contains(i)) {
                        left.add(steps.get(i));
                    }
                }
            }
        }
        return left;
    }

    /** A move between directories is there when either of them says so: it is one step. */
    private Set<Integer> survivingNames() {
        var pending = new ArrayList<Integer>();
        var surviving = new HashSet<Integer>();
        for (var i = 0; i < steps.size(); i++) {
            var step = i;
            var directories = directories(steps.get(i));
            if (directories.stream().anyMatch(directory -> step < lastSync.getOrDefault(directory, -1))) {
                surviving.add(i);
            } else if (!directories.isEmpty()) {
                pending.add(i);
            }
        }
        surviving.addAll(pending.subList(0, random.nextInt(pending.size() + 1)));
        return surviving;
    }

    private static List<Integer> directories(Step step) {
        return switch (step) {
            case Step.Named(int directory, var _, var _) -> List.of(directory);
            case Step.Unnamed(int directory, var _) -> List.of(directory);
            case Step.Exchanged(int directory, var _, var _) -> List.of(directory);
            case Step.Moved(int from, var _, int to, var _, var _) -> List.of(from, to);
            default -> List.of();
        };
    }

    private Map<Integer, List<Step>> survivingContents() {
        var surviving = new HashMap<Integer, List<Step>>();
        var pending = new HashMap<Integer, List<Integer>>();
        for (var i = 0; i < steps.size(); i++) {
            var file = fileOf(steps.get(i));
            if (file >= 0 && i < lastSync.getOrDefault(file, -1)) {
                surviving.put(i, List.of(steps.get(i)));
            } else if (file >= 0) {
                pending.computeIfAbsent(file, _ -> new ArrayList<>()).add(i);
            }
        }
        pending.values().forEach(some -> surviving.putAll(unsynchronised(some)));
        return surviving;
    }

    private static int fileOf(Step step) {
        return switch (step) {
            case Step.Written(int inode, var _, var _) -> inode;
            case Step.Cut(int inode, var _) -> inode;
            default -> -1;
        };
    }

    private Map<Integer, List<Step>> unsynchronised(List<Integer> indices) {
        var whole = random.nextInt(indices.size() + 1);
        var left = new HashMap<Integer, List<Step>>();
        indices.subList(0, whole).forEach(index -> left.put(index, List.of(steps.get(index))));
        if (whole < indices.size() && steps.get(indices.get(whole)) instanceof Step.Written written) {
            left.put(indices.get(whole), random.nextBoolean() ? torn(written) : zeros(written));
        }
        return left;
    }

    private List<Step> torn(Step.Written written) {
        var length = random.nextInt(written.bytes().length + 1);
        return List.of(new Step.Written(written.inode(), written.position(), Arrays.copyOf(written.bytes(), length)));
    }

    private static List<Step> zeros(Step.Written written) {
        return List.of(new Step.Written(written.inode(), written.position(), new byte[written.bytes().length]));
    }
}
