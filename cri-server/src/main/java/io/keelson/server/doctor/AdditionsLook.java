package io.keelson.server.doctor;

import io.keelson.server.config.Configuration.Containers;
import java.util.Optional;

/** What the node gives to containers besides. */
final class AdditionsLook {
    private AdditionsLook() {}

    static Finding hooks(Containers settings) {
        var problems = settings.additions().hookProblems();
        return Finding.failing(
                "hooks",
                problems.isEmpty()
                        ? Optional.empty()
                        : Optional.of("no container will be created: " + String.join("; ", problems)),
                "can be used",
                "correct or remove the file");
    }

    static Finding devices(Containers settings) {
        return Finding.warning(
                "devices",
                settings.additions().deviceProblems(),
                "files of devices (CDI) can be used",
                "correct the file; containers that ask for its devices are refused");
    }
}
