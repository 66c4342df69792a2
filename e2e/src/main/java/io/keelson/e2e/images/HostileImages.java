package io.keelson.e2e.images;

import java.io.IOException;
import java.util.List;
import java.util.function.UnaryOperator;

/** Pushes images that were made to harm: busybox, one layer over it, and what a test writes into the configuration. */
public final class HostileImages implements AutoCloseable {
    /** A host that the nodes of the scenarios have mirrored by the registry. */
    private static final String HOST = "registry.k8s.io/";

    private static final String TAG = "latest";

    private final Registry registry;
    private final Layer busybox;

    public HostileImages(Materials materials, String hostAndPort) throws IOException {
        registry = new Registry(hostAndPort);
        busybox = materials.busybox();
    }

    /** With nothing but another configuration; answers the name to pull it by. */
    public String push(String name, UnaryOperator<Image> change) throws IOException, InterruptedException {
        return push(name, new LayerTar().file("hostile", 0644, name + "\n"), change);
    }

    /** With a layer over busybox; answers the name to pull it by. */
    public String push(String name, LayerTar over) throws IOException, InterruptedException {
        return push(name, over, image -> image);
    }

    /** With both. */
    public String push(String name, LayerTar over, UnaryOperator<Image> change)
            throws IOException, InterruptedException {
        var repository = "keelson/hostile/" + name;
        var image = Image.of(List.of(busybox, Layer.of(over)), "sh");
        registry.pushPlain(repository, List.of(TAG), change.apply(image), TestImages.architecture());
        return HOST + repository + ":" + TAG;
    }

    @Override
    public void close() {
        registry.close();
    }
}
