package io.keelson.e2e.images;

import static io.keelson.e2e.images.HostileLayer.exhausted;
import static io.keelson.e2e.images.HostileLayer.harmless;
import static io.keelson.e2e.images.HostileLayer.invalid;
import static io.keelson.e2e.images.RawTar.path;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Archives that try to reach out of their layer, or to be more than they seem (rows L01 to L48, and what T42 to T47 add). */
public final class HostileLayers {
    /** What the node of these tests has as limits. */
    public static final int MAX_MEBIBYTES = 16;

    public static final int MAX_NAMES = 5000;

    /** A tree of the host that nobody may touch; it has a file {@code shadow}. */
    private final String victim;

    private final String upToVictim;

    public HostileLayers(Path victim) {
        this.victim = victim.toString();
        this.upToVictim = "../".repeat(20) + victim.toString().substring(1);
    }

    public List<HostileLayer> all() {
        return Stream.of(names(), roots(), links(), whiteouts(), nodes(), attributes(), numbers(), sizes())
                .flatMap(List::stream)
                .toList();
    }

    private List<HostileLayer> names() {
        return List.of(
                harmless("L01", "a name that leads up", n -> new RawTar().file(path("../../", n), "x")),
                harmless("L02", "an absolute name", n -> new RawTar().file(path(victim, "/", n), "x")),
                harmless("L03", "a name that leads down and up", n -> new RawTar().file(path("a/../../", n), "x")),
                harmless("L04", "a name with empty parts", n -> new RawTar().file(path("a//", n, "///b"), "x")),
                harmless(
                        "L05",
                        "the root by its own name",
                        n -> new RawTar().directory(path(".")).file(path("./", n), "x")),
                invalid(
                        "L06",
                        "a name that is the parent",
                        "ends with",
                        n -> new RawTar().directory(n).file(path(n, "/.."), "x")),
                invalid(
                        "L07",
                        "no name",
                        "root is not a directory",
                        n -> new RawTar().file(n, "x").file(path(), "x")),
                invalid(
                        "L08",
                        "a name of 4096 bytes",
                        "longer than 4095",
                        n -> new RawTar().file(path(n, "/x".repeat(2048)), "x")),
                invalid(
                        "L08",
                        "a part of 256 bytes",
                        "longer than 255",
                        n -> new RawTar().file(path(n, "x".repeat(256 - n.length)), "x")),
                invalid(
                        "L09",
                        "ten thousand directories deep",
                        "longer than 4095",
                        n -> new RawTar().file(path(n, "/d".repeat(10_000)), "x")),
                invalid(
                        "L10",
                        "a NUL in a name",
                        "NUL",
                        n -> new RawTar().pax("path", path(n, "\0/x")).file(n, "x")));
    }

    /** T44 and T45: what stands for the root itself. */
    private List<HostileLayer> roots() {
        return Stream.of(".", "/", "./", "")
                .flatMap(root -> Stream.of(
                        invalid(
                                "L05",
                                "the root \"" + root + "\" as a link",
                                "root is not a directory",
                                n -> new RawTar()
                                        .symbolicLink(path(root), victim)
                                        .file(path(n), "x")),
                        invalid(
                                "L05",
                                "the root \"" + root + "\" as a hard link",
                                "",
                                n -> new RawTar().symbolicLink(n, victim).hardLink(path(root), n)),
                        invalid(
                                "L05",
                                "the root \"" + root + "\" as a file",
                                "root is not a directory",
                                n -> new RawTar().file(path(root), "x"))))
                .toList();
    }

    private List<HostileLayer> links() {
        return List.of(
                harmless("L11", "a link to the host", n -> new RawTar().symbolicLink(n, victim)),
                harmless(
                        "L12",
                        "a link that leads up",
                        n -> new RawTar().symbolicLink(n, upToVictim).symbolicLink(path("up"), "..")),
                harmless(
                        "L13",
                        "a file through a link",
                        n -> new RawTar().symbolicLink(n, victim).file(path(n, "/shadow"), "forged")),
                harmless(
                        "L13",
                        "a file through a link that leads up",
                        n -> new RawTar().symbolicLink(n, upToVictim).file(path(n, "/shadow"), "forged")),
                invalid(
                        "L14",
                        "a hard link to the host",
                        "not in the layer",
                        n -> new RawTar().hardLink(n, victim, "/shadow")),
                invalid(
                        "L14",
                        "a hard link that leads up",
                        "not in the layer",
                        n -> new RawTar().hardLink(n, upToVictim, "/shadow")),
                invalid(
                        "L14",
                        "a hard link beside the layer's directory",
                        "not in the layer",
                        n -> new RawTar().hardLink(n, "../layersx/hello")),
                harmless(
                        "L15",
                        "a hard link to a link, with a mode for its target",
                        n -> new RawTar()
                                .symbolicLink(path("link"), victim + "/shadow")
                                .entry(
                                        '1',
                                        n,
                                        path("link"),
                                        new byte[0],
                                        header -> RawTar.octal(header, 100, 8, 04777))),
                invalid(
                        "L16",
                        "a hard link to what comes later",
                        "not in the layer",
                        n -> new RawTar().hardLink(path("early"), n).file(n, "x")),
                harmless(
                        "L17",
                        "a directory that becomes a link",
                        n -> new RawTar()
                                .directory(path(n, "/"))
                                .file(path(n, "/x"), "x")
                                .symbolicLink(n, victim)
                                .file(path(n, "/y"), "y")),
                new HostileLayer(
                        "L17",
                        "a directory that becomes a link in the next layer",
                        Outcome.HARMLESS,
                        "",
                        n -> List.of(
                                new RawTar().directory(path(n, "/")).end(),
                                new RawTar()
                                        .symbolicLink(n, victim)
                                        .file(path(n, "/y"), "y")
                                        .end())),
                invalid(
                        "L18",
                        "a loop of links",
                        "too many symbolic links",
                        n -> new RawTar()
                                .symbolicLink(path("a"), "b")
                                .symbolicLink(path("b"), "a")
                                .file(path("a/", n), "x")),
                invalid(
                        "L19",
                        "a hard link to a whiteout",
                        "not in the layer",
                        n -> new RawTar().file(path(".wh.", n), "").hardLink(path("link"), ".wh.", n)),
                new HostileLayer(
                        "L20",
                        "a hard link to the layer below",
                        Outcome.INVALID,
                        "not in the layer",
                        n -> List.of(
                                new RawTar().file(n, "x").end(),
                                new RawTar().hardLink(path("link"), n).end())));
    }

    private List<HostileLayer> whiteouts() {
        return List.of(
                invalid(
                        "L21",
                        "a whiteout of the parent",
                        "whiteout of no name",
                        n -> new RawTar().file(path(n, "/.wh..."), "")),
                invalid(
                        "L22",
                        "a whiteout of the directory itself",
                        "whiteout of no name",
                        n -> new RawTar().file(path(n, "/.wh.."), "")),
                invalid(
                        "L22",
                        "a whiteout of nothing",
                        "whiteout of no name",
                        n -> new RawTar().file(path(n, "/.wh."), "")),
                invalid(
                        "L23",
                        "a whiteout with contents",
                        "whiteout has no contents",
                        n -> new RawTar().file(path(".wh.a/", n), "x")),
                harmless(
                        "L24",
                        "an opaque directory before its entries",
                        n -> new RawTar().file(path(n, "/.wh..wh..opq"), "").file(path(n, "/x"), "x")),
                harmless(
                        "L24",
                        "an opaque directory after its entries",
                        n -> new RawTar().file(path(n, "/x"), "x").file(path(n, "/.wh..wh..opq"), "")),
                harmless(
                        "L25",
                        "a whiteout of what comes later",
                        n -> new RawTar().file(path(".wh.", n), "").file(path(n, "/x"), "x")),
                harmless(
                        "L26",
                        "a whiteout through a link",
                        n -> new RawTar()
                                .symbolicLink(n, victim)
                                .file(path(n, "/.wh.shadow"), "")
                                .file(path(n, "/.wh..wh..opq"), "")));
    }

    private List<HostileLayer> nodes() {
        return List.of(
                harmless(
                        "L27",
                        "the host's disk",
                        n -> new RawTar().device('4', n, 8, 0).device('3', path("memory"), 1, 1)),
                harmless("L28", "a FIFO", n -> new RawTar().device('6', n, 0, 0)),
                harmless(
                        "L29",
                        "a contiguous file",
                        n -> new RawTar().entry('7', n, new byte[0], path("x"), header -> {})),
                harmless(
                        "L30",
                        "a program of root's",
                        n -> new RawTar()
                                .entry(
                                        '0',
                                        n,
                                        new byte[0],
                                        path("#!/bin/sh\n"),
                                        header -> RawTar.octal(header, 100, 8, 06755))),
                harmless("L30", "programs that a helper could take for the host's", n -> helpers(n, victim)),
                harmless("L31", "an overlay's whiteout", n -> new RawTar().device('3', n, 0, 0)),
                invalid(
                        "L32",
                        "a type that nobody knows",
                        "not known",
                        n -> new RawTar().entry('?', n, new byte[0], new byte[0], header -> {})));
    }

    /** T48: what runs one of them leaves a file. */
    private static RawTar helpers(byte[] name, String victim) {
        var tar = new RawTar().file(name, "x");
        for (var program : List.of("tar", "unpigz", "xz", "zstd", "sh", "id")) {
            tar.file(path("usr/bin/", program), "#!/bin/sh\ntouch " + victim + "/executed\n");
        }
        return tar.file(path("lib/x86_64-linux-gnu/libnss_files.so.2"), "not a library");
    }

    private static List<HostileLayer> attributes() {
        return List.of(
                harmless(
                        "L33",
                        "an overlay's redirect",
                        n -> new RawTar()
                                .pax("SCHILY.xattr.trusted.overlay.redirect", "/../../etc")
                                .directory(n)),
                harmless(
                        "L34",
                        "an overlay's metacopy",
                        n -> new RawTar()
                                .pax("SCHILY.xattr.trusted.overlay.metacopy", "")
                                .file(n, "x")),
                harmless(
                        "L35",
                        "an overlay's opaque",
                        n -> new RawTar()
                                .pax("SCHILY.xattr.trusted.overlay.opaque", "y")
                                .directory(n)),
                harmless(
                        "L36",
                        "an overlay's attributes of users",
                        n -> new RawTar()
                                .pax("SCHILY.xattr.user.overlay.redirect", "/../../etc")
                                .directory(n)),
                harmless(
                        "L37",
                        "a capability",
                        n -> new RawTar()
                                .pax(
                                        "SCHILY.xattr.security.capability",
                                        path("\1\0\0\2\200\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"))
                                .file(n, "x")),
                exhausted(
                        "L38",
                        "an attribute of 64 KiB",
                        "65536",
                        n -> new RawTar()
                                .pax("SCHILY.xattr.user.large", new byte[64 << 10])
                                .file(n, "x")),
                exhausted("L39", "ten thousand attributes", "65536", n -> {
                    var tar = new RawTar();
                    for (var i = 0; i < 10_000; i++) {
                        tar.pax("SCHILY.xattr.user.attribute" + i, "x");
                    }
                    return tar.file(n, "x");
                }));
    }

    private static List<HostileLayer> numbers() {
        return List.of(
                invalid(
                        "L40",
                        "a negative size",
                        "out of range",
                        n -> new RawTar()
                                .entry(
                                        '0',
                                        n,
                                        new byte[0],
                                        new byte[0],
                                        header -> RawTar.binary(header, RawTar.SIZE, RawTar.NUMBER_BYTES, -1))),
                invalid(
                        "L41",
                        "the largest octal size",
                        "ends within",
                        n -> new RawTar()
                                .entry(
                                        '0',
                                        n,
                                        new byte[0],
                                        new byte[0],
                                        header -> RawTar.text(header, RawTar.SIZE, "777777777777"))),
                exhausted(
                        "L42",
                        "the largest size in base 256",
                        "larger than",
                        n -> new RawTar()
                                .entry(
                                        '0',
                                        n,
                                        new byte[0],
                                        new byte[0],
                                        header -> RawTar.binary(
                                                header, RawTar.SIZE, RawTar.NUMBER_BYTES, Long.MAX_VALUE))),
                invalid(
                        "L43",
                        "a user of 2^32",
                        "uid",
                        n -> new RawTar().pax("uid", "4294967296").file(n, "x")),
                harmless(
                        "L44",
                        "times without end",
                        n -> new RawTar()
                                .entry(
                                        '0',
                                        n,
                                        new byte[0],
                                        path("x"),
                                        header -> RawTar.binary(header, 136, RawTar.NUMBER_BYTES, Long.MAX_VALUE))
                                .entry(
                                        '0',
                                        path(n, "2"),
                                        new byte[0],
                                        path("x"),
                                        header -> RawTar.binary(header, 136, RawTar.NUMBER_BYTES, Long.MIN_VALUE))),
                invalid("L45", "a wrong checksum", "checksum", n -> {
                    var header = RawTar.header('0', n, new byte[0], 0, each -> {});
                    header[0] ^= 1;
                    return new RawTar().raw(header);
                }),
                new HostileLayer(
                        "L46",
                        "a size beyond the archive",
                        Outcome.INVALID,
                        "ends within",
                        n -> List.of(new RawTar()
                                .entry(
                                        '0',
                                        n,
                                        new byte[0],
                                        path("x"),
                                        header -> RawTar.octal(header, RawTar.SIZE, RawTar.NUMBER_BYTES, 1 << 20))
                                .cut())),
                harmless(
                        "L47",
                        "two sizes, of which PAX says the smaller",
                        n -> new RawTar().pax("size", "3").entry('0', n, new byte[0], path("12345"), header -> {})),
                invalid(
                        "L47",
                        "two sizes, of which PAX says the larger",
                        "ends within",
                        n -> new RawTar().pax("size", "1000000").file(n, "12345")),
                harmless(
                        "L48",
                        "a file, a directory, a file of one name",
                        n -> new RawTar()
                                .file(n, "x")
                                .directory(n)
                                .file(path(n, "/below"), "x")
                                .file(n, "y")));
    }

    /** Rows L53, L54 and T47: what would cost memory or disk without bound. */
    private static List<HostileLayer> sizes() {
        return List.of(
                exhausted("L53", "more files than a layer may have", "more than " + MAX_NAMES, n -> {
                    var tar = new RawTar();
                    for (var i = 0; i <= MAX_NAMES; i++) {
                        tar.file(path(n, "/" + i), "");
                    }
                    return tar;
                }),
                harmless(
                        "L54",
                        "a hole of 64 GiB",
                        n -> new RawTar()
                                .pax("GNU.sparse.map", ((1L << 36) - 1) + ",1")
                                .pax("GNU.sparse.size", Long.toString(1L << 36))
                                .file(n, "x")),
                exhausted(
                        "L54",
                        "a hole of a tebibyte",
                        "larger than",
                        n -> new RawTar()
                                .pax("GNU.sparse.map", ((1L << 40) - 1) + ",1")
                                .pax("GNU.sparse.size", Long.toString(1L << 40))
                                .file(n, "x")),
                exhausted(
                        "L54",
                        "a map of a billion holes",
                        "65536",
                        n -> new RawTar()
                                .pax("GNU.sparse.major", "1")
                                .pax("GNU.sparse.minor", "0")
                                .pax("GNU.sparse.realsize", "1000000000")
                                .file(n, "1000000000\n" + "0\n".repeat(500))),
                exhausted(
                        "L54",
                        "an extended header of a gibibyte",
                        "extended headers",
                        n -> new RawTar().raw(RawTar.header('x', n, new byte[0], 1 << 30, header -> {}))),
                exhausted(
                        "L54",
                        "a name of 100 MiB",
                        "extended headers",
                        n -> new RawTar().raw(RawTar.header('L', n, new byte[0], 100 << 20, header -> {}))),
                exhausted(
                        "L54",
                        "zeros without end behind the archive",
                        "longer than",
                        n -> new RawTar().file(n, "x").raw(new byte[(MAX_MEBIBYTES << 20) + 1])));
    }
}
