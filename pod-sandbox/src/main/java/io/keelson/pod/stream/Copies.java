package io.keelson.pod.stream;

import java.util.ArrayList;
import java.util.List;

/** All that is copied for one session. Closing it ends them, which is before what they copy from and to is closed. */
final class Copies implements AutoCloseable {
    private final List<Copying> copies = new ArrayList<>();

    Copying add(Copying copying) {
        copies.add(copying);
        return copying;
    }

    @Override
    public void close() {
        copies.forEach(Copying::close);
    }
}
