package io.keelson.oci.spec;

import io.keelson.host.json.Json;
import io.keelson.oci.spec.NamespaceChoices.Choice;
import java.util.ArrayList;
import java.util.List;

/** {@code linux.namespaces}: what is not listed is the host's. */
final class NamespaceList {
    private NamespaceList() {}

    static List<Json.Obj> of(NamespaceChoices choices) {
        var list = new ArrayList<Json.Obj>();
        // The user namespace comes first: it owns the others that are made with it.
        add(list, "user", choices.user());
        add(list, "mount", new NamespaceChoices.Fresh());
        add(list, "pid", choices.pid());
        add(list, "network", choices.network());
        add(list, "ipc", choices.ipc());
        add(list, "uts", choices.uts());
        add(list, "cgroup", choices.cgroup());
        return list;
    }

    private static void add(List<Json.Obj> list, String type, Choice choice) {
        switch (choice) {
            case NamespaceChoices.Host() -> {}
            case NamespaceChoices.Fresh() ->
                list.add(Json.object().put("type", type).build());
            case NamespaceChoices.Join(var path) ->
                list.add(Json.object()
                        .put("type", type)
                        .put("path", path.toString())
                        .build());
        }
    }
}
