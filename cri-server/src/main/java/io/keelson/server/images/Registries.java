package io.keelson.server.images;

import io.keelson.host.failure.Failure;
import io.keelson.host.process.SpawnedProcesses;
import io.keelson.image.hosts.HostDirectories;
import io.keelson.image.login.AuthFiles;
import io.keelson.image.login.CredentialHelpers;
import io.keelson.image.registry.RegistryClient;
import io.keelson.image.registry.RegistryConfiguration;
import io.keelson.image.registry.RegistrySettings;
import io.keelson.server.config.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How registries are found and spoken to, as configured. */
final class Registries {
    private static final Logger log = LoggerFactory.getLogger(Registries.class);

    private Registries() {}

    static RegistryClient client(Configuration.Images images) {
        return new RegistryClient(
                RegistrySettings.DEFAULT
                        .waiting(images.progressTimeout(), images.mirrorTimeout())
                        .speaking(images.tlsMinimumVersion().andLater()),
                credentials(images),
                System.getenv());
    }

    static AuthFiles credentials(Configuration.Images images) {
        return new AuthFiles(
                images.authFiles(),
                new CredentialHelpers(
                        new SpawnedProcesses(),
                        images.credentialHelperDirectories(),
                        images.credentialHelperTimeout()));
    }

    /** As the files say now. */
    static RegistryConfiguration configuration(Configuration.Images images) {
        return RegistryConfiguration.read(images.registries()).with(new HostDirectories(images.hostDirectories()));
    }

    /** What a name stands for. Where the files cannot be read, for itself: that is for the next pull to say. */
    static String fullName(Configuration.Images images, String name) {
        try {
            return configuration(images).fullName(name);
        } catch (Failure e) {
            log.atDebug()
                    .addKeyValue("event", "registries-unreadable")
                    .setCause(e)
                    .log("aliases are left out");
            return name;
        }
    }
}
