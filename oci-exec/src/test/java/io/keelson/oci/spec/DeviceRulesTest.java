package io.keelson.oci.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.json.Json;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class DeviceRulesTest {
    private static final Json.Obj DENY_ALL = Json.object()
            .put("allow", false)
            .put("type", "a")
            .put("access", "rwm")
            .build();

    private static List<Json.Obj> rules(boolean privileged) {
        return SpecRequests.config(SpecRequests.ROOT, SpecRequests.security(privileged, SpecRequests.ALL.all()))
                .object("linux")
                .object("resources")
                .objects("devices");
    }

    @Test
    @Tag("T19")
    void theFirstRuleDeniesEverything() {
        assertThat(rules(false).getFirst()).isEqualTo(DENY_ALL);
        assertThat(rules(false)).filteredOn(DENY_ALL::equals).hasSize(1);
    }

    /** Opening is allowed by numbers alone; without numbers there is only the making of nodes. */
    @Test
    @Tag("T19")
    void noRuleAllowsToOpenEverything() {
        assertThat(rules(false))
                .filteredOn(rule -> !rule.equals(DENY_ALL) && !rule.has("major"))
                .allSatisfy(rule -> assertThat(rule.text("access")).isEqualTo("m"));
    }

    @Test
    void aPrivilegedContainerMayOpenAll() {
        assertThat(rules(true))
                .singleElement()
                .satisfies(rule -> assertThat(rule.flag("allow")).isTrue());
    }
}
