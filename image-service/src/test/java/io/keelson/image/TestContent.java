package io.keelson.image;

import io.keelson.host.failure.Failure;
import io.keelson.image.reference.Digest;
import io.keelson.image.transfer.PushContent;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What is pushed, in memory. */
final class TestContent implements PushContent {
    private final Map<Digest, byte[]> contents = new ConcurrentHashMap<>();

    TestContent add(byte[] bytes) {
        contents.put(Digest.of("sha256", bytes), bytes);
        return this;
    }

    /** Its config and layers. */
    TestContent add(TestImage image, int layers) {
        for (var i = 0; i < layers; i++) {
            add(image.blob(i));
        }
        return add(image.config());
    }

    @Override
    public byte[] document(Digest digest) {
        var bytes = contents.get(digest);
        if (bytes == null) {
            throw Failure.absent("there is no " + digest);
        }
        return bytes;
    }

    @Override
    public InputStream open(Digest digest, long offset) {
        var bytes = document(digest);
        return new ByteArrayInputStream(bytes, (int) offset, bytes.length - (int) offset);
    }
}
