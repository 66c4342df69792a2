package io.keelson.image.registry;

/** Speaks the OCI distribution specification with any number of registries. Thread-safe. */
public final class RegistryClient implements AutoCloseable {
    public RegistryClient(RegistrySettings settings) {}

    /** Ends its connections. */
    @Override
    public void close() {}
}
