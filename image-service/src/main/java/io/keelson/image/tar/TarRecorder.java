package io.keelson.image.tar;

import java.io.IOException;

/** Hears of every byte of a tar, in order: those of files' contents by where they are stored, all others as they are. */
public interface TarRecorder {
    TarRecorder NONE = new TarRecorder() {
        @Override
        public void literal(byte[] bytes, int offset, int length) {}

        @Override
        public void contents(int slot) {}
    };

    void literal(byte[] bytes, int offset, int length) throws IOException;

    /** All contents of a file that has this inode. */
    void contents(int slot) throws IOException;
}
