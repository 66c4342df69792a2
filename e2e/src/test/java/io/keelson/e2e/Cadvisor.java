package io.keelson.e2e;

import io.keelson.e2e.node.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A container as cAdvisor sees it, by the handler that it has for CRI-O.
 *
 * @param aliases its name and its id
 * @param interfaces whose traffic is counted: of a container that is called POD alone
 */
record Cadvisor(
        List<String> aliases,
        String image,
        Map<String, String> labels,
        String ip,
        List<Long> processes,
        long memoryLimit,
        long memoryUsage,
        List<String> interfaces) {
    /** cAdvisor has the socket's place within; so it gets a {@code /run} of its own. */
    private static final String IN_ITS_PLACE = """
            mount -t tmpfs tmpfs /run && mkdir /run/crio && mount --bind "$1" /run/crio && exec "$2"\
            """;

    /**
     * Starts cAdvisor and has it look once.
     *
     * @param directory that is to stand for {@code /run/crio}
     * @return by id, all of the runtime that it has found on this machine
     */
    static Map<String, Cadvisor> look(Path directory, Path scratch) throws IOException, InterruptedException {
        var program = Program.run(scratch, List.of(Path.of("tools", "build").toString(), "cadvisor"))
                .expectSuccess();
        var said = Program.run(
                        scratch,
                        List.of(
                                "unshare",
                                "--mount",
                                "--propagation=private",
                                "sh",
                                "-c",
                                IN_ITS_PLACE,
                                "sh",
                                directory.toString(),
                                program))
                .expectSuccess();
        var found = new LinkedHashMap<String, Cadvisor>();
        JsonMapper.shared()
                .readTree(said)
                .forEach(each -> found.put(each.at("/Info/id").stringValue(), of(each)));
        return found;
    }

    private static Cadvisor of(JsonNode told) {
        return new Cadvisor(
                texts(told.at("/Info/aliases")),
                told.at("/Info/spec/image").stringValue(),
                labels(told.at("/Info/spec/labels")),
                told.at("/IP").stringValue(),
                StreamSupport.stream(told.at("/Processes").spliterator(), false)
                        .map(JsonNode::longValue)
                        .toList(),
                told.at("/Info/spec/memory/limit").longValue(),
                told.at("/Info/stats/0/memory/usage").longValue(),
                StreamSupport.stream(told.at("/Info/stats/0/network/interfaces").spliterator(), false)
                        .map(each -> each.get("name").stringValue())
                        .toList());
    }

    private static List<String> texts(JsonNode array) {
        var texts = new ArrayList<String>();
        array.forEach(each -> texts.add(each.stringValue()));
        return texts;
    }

    private static Map<String, String> labels(JsonNode object) {
        var labels = new LinkedHashMap<String, String>();
        object.properties()
                .forEach(each -> labels.put(each.getKey(), each.getValue().stringValue()));
        return labels;
    }
}
