package io.keelson.pod.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One thread in several networks, one after the other. Needs root. */
class NetworkReaderIT {
    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void end() throws InterruptedException {
        for (var process : processes) {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void eachNamespaceTellsOfItsOwnInterfaces() throws Exception {
        var one = network("one");
        var two = network("two");

        var read = NetworkReader.read(List.of(one, two, Path.of("/nowhere/net"), one));

        assertThat(read)
                .extracting(interfaces ->
                        interfaces.stream().map(InterfaceUsage::name).sorted().toList())
                .containsExactly(
                        List.of("one", "onepeer"), List.of("two", "twopeer"), List.of(), List.of("one", "onepeer"));
    }

    private Path network(String name) throws Exception {
        var process = new ProcessBuilder(
                        "unshare",
                        "--net",
                        "sh",
                        "-c",
                        "ip link add %s type veth peer name %speer && echo ready && read -r _".formatted(name, name))
                .start();
        processes.add(process);
        assertThat(process.inputReader().readLine()).isEqualTo("ready");
        return Path.of("/proc/" + process.pid() + "/ns/net");
    }
}
