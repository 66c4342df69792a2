package io.keelson.image.tar;

import io.keelson.host.failure.Failure;
import io.keelson.image.fuzz.Refusal;
import java.util.List;

/** PAX records. */
public final class PaxFuzz {
    private PaxFuzz() {}

    public static List<byte[]> seeds() {
        return List.of(
                TarBytes.bytes("12 path=a/b\n20 mtime=-1.500000\n26 SCHILY.xattr.user.a=b\n"),
                TarBytes.bytes("22 GNU.sparse.offset=5\n24 GNU.sparse.numbytes=3\n30 GNU.sparse.map=1,2,5,7,9,9\n"),
                TarBytes.bytes("9 path=\n15 uid=4294967\n13 size=1000\n"));
    }

    public static void fuzzerTestOneInput(byte[] input) {
        Refusal.orSuccess(
                () -> {
                    var records = new PaxRecords();
                    records.add(input);
                    records.mtime();
                    records.xattrs();
                    records.decimalOr("size", 0);
                    records.decimalOr("uid", 0);
                },
                Failure.Kind.INVALID,
                Failure.Kind.EXHAUSTED);
    }
}
