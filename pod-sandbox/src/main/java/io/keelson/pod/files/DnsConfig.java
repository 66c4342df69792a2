package io.keelson.pod.files;

import io.keelson.host.json.Json;
import java.util.List;

/** What a pod's resolv.conf says (CRI v1, DNSConfig; resolv.conf(5)). */
public record DnsConfig(List<String> servers, List<String> searches, List<String> options) {
    public DnsConfig {
        servers = List.copyOf(servers);
        searches = List.copyOf(searches);
        options = List.copyOf(options);
    }

    public Json.Obj toJson() {
        return Json.object()
                .putTexts("servers", servers)
                .putTexts("searches", searches)
                .putTexts("options", options)
                .build();
    }

    public static DnsConfig fromJson(Json.Obj json) {
        return new DnsConfig(json.texts("servers"), json.texts("searches"), json.texts("options"));
    }
}
