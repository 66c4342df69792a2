package io.keelson.e2e.images;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A program of one system call, as an ELF file for x86-64 (elf(5)): it exits with 0 if the call succeeds, and with its errno if
 * not. What a filter says of a call can so be asked from inside, without a compiler or a library that would change the call.
 */
public final class SystemCallProgram {
    private static final int HEADERS_BYTES = 64 + 56;
    private static final long ADDRESS = 0x400000;
    private static final int ARGUMENTS_BYTES = 3 * 10;
    private static final int CODE_BYTES = 28;

    private SystemCallProgram() {}

    /** Numbers are those of x86-64; all of an argument's 64 bits are passed. */
    public static byte[] of(int call, long first, long second, long third) {
        var file = ByteBuffer.allocate(HEADERS_BYTES + ARGUMENTS_BYTES + CODE_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        var size = file.capacity();
        file.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0});
        // An executable for x86-64 that begins behind its headers; one program header follows the file's, no section
        // headers.
        file.putShort((short) 2).putShort((short) 62).putInt(1).putLong(ADDRESS + HEADERS_BYTES);
        file.putLong(64).putLong(0).putInt(0).putShort((short) 64).putShort((short) 56);
        file.putShort((short) 1).putShort((short) 0).putShort((short) 0).putShort((short) 0);
        // The whole file is loaded, to be read and run.
        file.putInt(1).putInt(5).putLong(0).putLong(ADDRESS).putLong(ADDRESS);
        file.putLong(size).putLong(size).putLong(0x1000);
        // mov rdi, rsi, rdx; mov eax; syscall
        file.put(bytes(0x48, 0xbf)).putLong(first);
        file.put(bytes(0x48, 0xbe)).putLong(second);
        file.put(bytes(0x48, 0xba)).putLong(third);
        file.put(bytes(0xb8)).putInt(call).put(bytes(0x0f, 0x05));
        // test rax, rax; js error; xor edi, edi; jmp exit; error: neg rax; mov edi, eax; exit: mov eax, 60; syscall
        file.put(bytes(0x48, 0x85, 0xc0, 0x78, 0x04, 0x31, 0xff, 0xeb, 0x05, 0x48, 0xf7, 0xd8, 0x89, 0xc7));
        file.put(bytes(0xb8)).putInt(60).put(bytes(0x0f, 0x05));
        return file.array();
    }

    private static byte[] bytes(int... values) {
        var bytes = new byte[values.length];
        for (var i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
