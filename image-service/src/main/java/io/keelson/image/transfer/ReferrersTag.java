package io.keelson.image.transfer;

import io.keelson.host.json.Json;
import io.keelson.image.blob.Descriptor;
import io.keelson.image.reference.Digest;
import io.keelson.image.registry.FetchedManifest;
import io.keelson.image.registry.PushSession;
import java.util.ArrayList;
import java.util.List;

/**
 * The list of what refers to a manifest, where the registry does not keep it: an index under a tag made of the manifest's digest, which
 * clients write (distribution specification, "Referrers Tag Schema"). Two that write at the same time may lose one's entry.
 */
final class ReferrersTag {
    private static final String INDEX = "application/vnd.oci.image.index.v1+json";

    private final PushSession session;
    private final String tag;

    ReferrersTag(PushSession session, Digest subject) {
        this.session = session;
        this.tag = subject.algorithm() + "-" + subject.hex();
    }

    void add(Descriptor manifest, Json.Obj document) {
        var entries = new ArrayList<Json>(session.find(tag)
                .map(FetchedManifest::bytes)
                .map(bytes -> Json.parseObject(bytes).objects("manifests"))
                .orElseGet(List::of));
        var known = entries.stream()
                .anyMatch(entry -> entry instanceof Json.Obj object
                        && object.textOrEmpty("digest").equals(manifest.digest().toString()));
        if (known) {
            return;
        }
        entries.add(entry(manifest, document));
        var index = Json.object()
                .put("schemaVersion", 2)
                .put("mediaType", INDEX)
                .putAll("manifests", entries)
                .build();
        session.manifest(tag, index.toBytes(), INDEX);
    }

    private static Json.Obj entry(Descriptor manifest, Json.Obj document) {
        var config = document.findObject("config").map(each -> each.textOrEmpty("mediaType"));
        var type = document.findText("artifactType").or(() -> config).orElse("");
        var entry = Json.object()
                .put("mediaType", manifest.mediaType())
                .put("digest", manifest.digest().toString())
                .put("size", manifest.sizeBytes())
                .put("artifactType", type);
        document.findObject("annotations").ifPresent(annotations -> entry.put("annotations", annotations));
        return entry.build();
    }
}
