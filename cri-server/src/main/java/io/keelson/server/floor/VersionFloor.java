package io.keelson.server.floor;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The oldest versions of a program that can be trusted with hostile containers.
 *
 * @param program its name
 * @param lines one for each line of releases that is maintained, ascending; in a line without one, only what is newer than all of
 *     them will do
 */
record VersionFloor(String program, List<ProgramVersion> lines) {
    /** CVE-2025-31133, CVE-2025-52565, CVE-2025-52881, CVE-2026-41579. */
    static final VersionFloor RUNC = of("runc", "1.3.6", "1.4.3", "1.5.0");

    static final VersionFloor CRUN = of("crun", "1.28");

    /** Before it, what a command prints without end filled the disk (CVE-2022-1708). */
    static final VersionFloor MONITOR = of("conmon", "2.1.2");

    /** CVE-2025-67499. */
    static final VersionFloor CNI_PLUGIN = of("CNI plugin", "1.9.0");

    VersionFloor {
        lines = List.copyOf(lines);
    }

    private static VersionFloor of(String program, String... lines) {
        return new VersionFloor(
                program,
                List.of(lines).stream()
                        .map(line -> ProgramVersion.find(line).orElseThrow())
                        .toList());
    }

    boolean isMetBy(ProgramVersion version) {
        return lines.stream()
                .filter(version::isOfLine)
                .findFirst()
                .map(line -> version.compareTo(line) >= 0)
                .orElseGet(() -> version.compareTo(lines.getLast()) >= 0);
    }

    /** For people. */
    String wanted() {
        return lines.stream().map(ProgramVersion::toString).collect(Collectors.joining(" or ")) + " or newer";
    }
}
