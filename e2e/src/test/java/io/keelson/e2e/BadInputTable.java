package io.keelson.e2e;

import static io.keelson.e2e.BadInputTable.Verdict.REFUSED;
import static io.keelson.e2e.BadInputTable.Verdict.TAKEN;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** What the calls may be given although it looks wrong, and which of them are not built. Everything else is refused. */
final class BadInputTable {
    static final Set<String> NOT_BUILT = Set.of("CheckpointContainer", "CheckpointPod", "RestorePod");

    /** Those that an empty request says enough for. */
    static final Set<String> WITHOUT_SUBJECT = Set.of(
            "Version",
            "Status",
            "RuntimeConfig",
            "UpdateRuntimeConfig",
            "ListPodSandbox",
            "StreamPodSandboxes",
            "ListContainers",
            "StreamContainers",
            "ListContainerStats",
            "StreamContainerStats",
            "ListPodSandboxStats",
            "StreamPodSandboxStats",
            "ListMetricDescriptors",
            "ListPodSandboxMetrics",
            "StreamPodSandboxMetrics",
            "ListImages",
            "StreamImages",
            "ImageFsInfo");

    /** The fields by which calls name a pod or a container. */
    static final Set<String> SUBJECTS = Set.of("pod_sandbox_id", "container_id");

    /** What becomes of a value that looks wrong. */
    enum Verdict {
        /** It can never be right. */
        REFUSED,
        /** It is data, or is not looked at. */
        TAKEN
    }

    /** Of which calls which fields may have which shapes, all of them patterns, and why; the first that fits counts. */
    private record Rule(Verdict verdict, Pattern call, Pattern field, Pattern shape, String why) {
        Rule(Verdict verdict, String call, String field, String shape, String why) {
            this(verdict, Pattern.compile(call), Pattern.compile(field), Pattern.compile(shape), why);
        }

        boolean fits(String ofCall, String ofField, String ofShape) {
            return call.matcher(ofCall).matches()
                    && field.matcher(ofField).matches()
                    && shape.matcher(ofShape).matches();
        }
    }

    private static final String ANY = ".*";
    private static final String POD = "RunPodSandbox";
    private static final String CONTAINER = "CreateContainer";
    private static final String PODS = "(Run|Update)PodSandbox.*";
    private static final String CONTAINERS = "(Create|Update)Container.*";
    private static final String LIMITS = "(config\\.linux\\.)?(linux|overhead|resources)\\.";

    /** Where the kernel has no labels, nobody looks at them. */
    private static final Verdict LABEL = Files.exists(Path.of("/sys/fs/selinux/enforce")) ? REFUSED : TAKEN;

    private static final String SECURITY = "config\\.linux\\.security_context\\.";

    private static final List<Rule> RULES = List.of(
            new Rule(TAKEN, ANY, "(.*\\.)?windows(\\..*)?", ANY, "for other hosts than ours"),
            new Rule(TAKEN, "(?!RunPod).*", "sandbox_config\\..*", ANY, "the pod is known already"),
            new Rule(
                    REFUSED,
                    CONTAINER,
                    "config\\.mounts\\.image.*",
                    ANY,
                    "the mount that is tried has a path on the host"),
            new Rule(TAKEN, ANY, "(.*\\.)?(labels|annotations|label_selector)\\..*", ANY, "given back as it came"),
            new Rule(TAKEN, ANY, "config\\.metadata\\.attempt", ANY, "every number is one"),
            new Rule(TAKEN, "Version", "version", ANY, "there is one version"),
            new Rule(TAKEN, "UpdateRuntimeConfig", ANY, ANY, "the network brings its own addresses"),
            new Rule(TAKEN, "(List|Stream).*", "filter\\.(id|pod_sandbox_id)", ANY, "nothing has such an id"),
            new Rule(TAKEN, "(Stop|Remove).*", "(pod_sandbox|container)_id", ANY, "what is not there is gone"),
            new Rule(TAKEN, "StopContainer", "timeout", ANY, "less than none is none"),
            new Rule(TAKEN, "ExecSync", "timeout", "HIGHEST", "longer than anybody waits"),
            new Rule(TAKEN, "Exec(Sync)?", "cmd", "LF|UP|LONG", "a command that is not there says so itself"),
            new Rule(TAKEN, "PullImage", "auth\\..*", "UP|LONG", "for the registry to judge"),
            new Rule(
                    TAKEN,
                    ANY,
                    "(config\\.|filter\\.)?image\\.(image_ref|user_specified_image)",
                    ANY,
                    "for information"),
            new Rule(
                    TAKEN,
                    "(?!PullImage).*",
                    "(config\\.|filter\\.)?image\\.runtime_handler",
                    ANY,
                    "images are for all"),
            new Rule(TAKEN, POD, "config\\.dns_config\\.(searches|options)", "UP", "one word"),
            new Rule(TAKEN, PODS, LIMITS + "(cpu_quota|memory.*|oom_score_adj)", "NEGATIVE", "no limit, or less"),
            new Rule(TAKEN, PODS, LIMITS + "(cpu_.*|memory.*)", "HIGHEST", "the group is its caller's"),
            new Rule(TAKEN, CONTAINERS, LIMITS + "(cpu_quota|memory.*|oom_score_adj)", "NEGATIVE", "no limit, or less"),
            new Rule(TAKEN, CONTAINERS, LIMITS + "memory_limit_in_bytes", "HIGHEST", "as good as none"),
            new Rule(TAKEN, "UpdateCont.*", LIMITS + "memory_swap.*", "HIGHEST", "as good as none"),
            new Rule(TAKEN, POD, SECURITY + "(run_as_user.value|supplemental_groups)", ANY, "nothing runs as it"),
            new Rule(LABEL, ANY, SECURITY + "selinux_options\\..*", ANY, "looked at where there is SELinux"),
            new Rule(TAKEN, ANY, SECURITY + "(seccomp|apparmor)\\.localhost_ref", ANY, "another kind of profile"),
            new Rule(TAKEN, ANY, SECURITY + "namespace_options\\.target_id", ANY, "another mode"),
            new Rule(TAKEN, CONTAINER, "config\\.(args|envs\\.key)", "LF|UP|LONG", "text like any other"),
            new Rule(TAKEN, CONTAINER, "config\\.mounts\\.container_path", "LF", "a path like any other"));

    private BadInputTable() {}

    static Verdict verdict(String call, String field, String shape) {
        return RULES.stream()
                .filter(rule -> rule.fits(call, field, shape))
                .map(Rule::verdict)
                .findFirst()
                .orElse(Verdict.REFUSED);
    }
}
