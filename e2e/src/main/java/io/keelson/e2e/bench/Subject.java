package io.keelson.e2e.bench;

import io.keelson.e2e.node.Cri;
import io.keelson.e2e.node.Node;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * A runtime that is measured.
 *
 * @param socket where it serves CRI
 * @param cgroupParent above the pods' own groups
 * @param logs the directory its pods log to
 * @param daemon its process, where it is known: its memory is counted then
 * @param stages how long each step of its pods' starts took, in milliseconds, where it tells
 */
record Subject(
        String name,
        Path socket,
        Cri cri,
        String cgroupParent,
        String logs,
        OptionalLong daemon,
        Samples samples,
        Map<String, java.util.List<Double>> stages) {
    static Subject of(String name, Node node) {
        return new Subject(
                name,
                node.place().socket(),
                node.cri(),
                node.place().cgroupParent(),
                node.place().logs().toString(),
                OptionalLong.of(node.pid()),
                new Samples(),
                new TreeMap<>());
    }
}
