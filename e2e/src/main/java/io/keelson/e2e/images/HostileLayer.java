package io.keelson.e2e.images;

import java.util.List;
import java.util.function.Function;

/**
 * A case of the fault matrix: layers that were made to harm, of one tar archive each.
 *
 * @param row of the matrix, such as {@code L17}
 * @param word that the refusal has to say; empty for what is harmless
 * @param tars from a name, of any bytes, that they are to use
 */
public record HostileLayer(String row, String what, Outcome outcome, String word, Function<byte[], List<byte[]>> tars) {
    static HostileLayer harmless(String row, String what, Function<byte[], RawTar> tar) {
        return new HostileLayer(
                row, what, Outcome.HARMLESS, "", name -> List.of(tar.apply(name).end()));
    }

    static HostileLayer invalid(String row, String what, String word, Function<byte[], RawTar> tar) {
        return new HostileLayer(
                row,
                what,
                Outcome.INVALID,
                word,
                name -> List.of(tar.apply(name).end()));
    }

    static HostileLayer exhausted(String row, String what, String word, Function<byte[], RawTar> tar) {
        return new HostileLayer(
                row,
                what,
                Outcome.EXHAUSTED,
                word,
                name -> List.of(tar.apply(name).end()));
    }

    /** Its layers, which are like no others: they begin with an entry named by {@code mark}. */
    public List<Layer> layers(byte[] name, String mark, Compression compression) {
        var first = new RawTar().file(RawTar.path("mark/", mark), "").cut();
        return tars.apply(name).stream()
                .map(tar -> Layer.of(RawTar.path(first, tar), compression))
                .toList();
    }

    @Override
    public String toString() {
        return row + " " + what;
    }
}
