import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/** Two programs of a few instructions, as ELF files for this machine (elf(5)), so that a container has something to run. */
final class TinyPrograms {
    static final String WAIT = "bin/wait";
    static final String TRUE = "bin/true";

    private static final boolean IS_ARM = System.getProperty("os.arch").equals("aarch64");
    private static final int X86_64 = 62;
    private static final int AARCH64 = 183;
    private static final int HEADERS_BYTES = 64 + 56;
    private static final long ADDRESS = 0x400000;

    private TinyPrograms() {}

    /** pause(2), or ppoll(2) of nothing, for ever. */
    static byte[] thatWaits() {
        return program(
                IS_ARM
                        ? "000080d2" + "010080d2" + "020080d2" + "030080d2" + "280980d2" + "010000d4" + "faffff17"
                        : "b822000000" + "0f05" + "ebf7");
    }

    /** exit(2) with 0. */
    static byte[] thatEnds() {
        return program(IS_ARM ? "000080d2" + "a80b80d2" + "010000d4" : "b83c000000" + "31ff" + "0f05");
    }

    /** A file header, one program header that has the whole file loaded to be read and run, and the code. */
    private static byte[] program(String hex) {
        var code = HexFormat.of().parseHex(hex);
        long size = HEADERS_BYTES + code.length;
        var file = ByteBuffer.allocate((int) size).order(ByteOrder.LITTLE_ENDIAN);
        file.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0});
        file.putShort((short) 2).putShort((short) (IS_ARM ? AARCH64 : X86_64)).putInt(1).putLong(ADDRESS + HEADERS_BYTES);
        file.putLong(64).putLong(0).putInt(0).putShort((short) 64).putShort((short) 56);
        file.putShort((short) 1).putShort((short) 0).putShort((short) 0).putShort((short) 0);
        file.putInt(1).putInt(5).putLong(0).putLong(ADDRESS).putLong(ADDRESS);
        file.putLong(size).putLong(size).putLong(0x1000);
        return file.put(code).array();
    }
}
