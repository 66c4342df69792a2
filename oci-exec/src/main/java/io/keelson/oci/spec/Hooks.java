package io.keelson.oci.spec;

import io.keelson.host.json.Json;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** {@code hooks} of {@code config.json}: at each stage the runtime runs them one after the other. */
public record Hooks(Map<HookStage, List<Hook>> byStage) {
    public static final Hooks NONE = new Hooks(Map.of());

    public Hooks {
        var copy = new EnumMap<HookStage, List<Hook>>(HookStage.class);
        byStage.forEach((stage, hooks) -> copy.put(stage, List.copyOf(hooks)));
        byStage = Map.copyOf(copy);
    }

    public static Hooks of(HookStage stage, Hook hook) {
        return new Hooks(Map.of(stage, List.of(hook)));
    }

    /** These, and after them the others. */
    public Hooks plus(Hooks others) {
        var all = new EnumMap<HookStage, List<Hook>>(HookStage.class);
        byStage.forEach((stage, hooks) -> all.put(stage, new ArrayList<>(hooks)));
        others.byStage.forEach((stage, hooks) ->
                all.computeIfAbsent(stage, _ -> new ArrayList<>()).addAll(hooks));
        return new Hooks(all);
    }

    Json.Obj toJson() {
        var json = Json.object();
        for (var stage : HookStage.values()) {
            var hooks = byStage.getOrDefault(stage, List.of());
            if (!hooks.isEmpty()) {
                json.putAll(stage.key(), hooks.stream().map(Hook::toJson).toList());
            }
        }
        return json.build();
    }
}
