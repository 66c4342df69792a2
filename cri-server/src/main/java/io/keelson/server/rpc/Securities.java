package io.keelson.server.rpc;

import io.keelson.host.failure.Failure;
import io.keelson.pod.PodSecurity;
import io.keelson.pod.SecurityProfile;
import io.keelson.pod.SecurityProfile.Kind;
import io.keelson.pod.SelinuxLabel;
import io.keelson.pod.container.ContainerSecurity;
import io.keelson.pod.namespace.NamespaceMode;
import io.keelson.pod.namespace.NamespaceOptions;
import io.keelson.pod.namespace.UserNamespace;
import io.keelson.pod.namespace.UserNamespace.IdMapping;
import io.keelson.proto.Int64Value;
import io.keelson.proto.LinuxContainerSecurityContext;
import io.keelson.proto.LinuxSandboxSecurityContext;
import io.keelson.proto.NamespaceOption;
import io.keelson.proto.SELinuxOption;
import io.keelson.proto.SupplementalGroupsPolicy;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Between CRI's security contexts and ours. */
final class Securities {
    private Securities() {}

    @SuppressWarnings("deprecation") // older clients name profiles in the fields that are deprecated
    static PodSecurity pod(LinuxSandboxSecurityContext context) {
        return new PodSecurity(
                namespaces(context.getNamespaceOptions()),
                context.hasSelinuxOptions() ? Optional.of(selinux(context.getSelinuxOptions())) : Optional.empty(),
                optional(context.hasRunAsUser(), context.getRunAsUser()),
                optional(context.hasRunAsGroup(), context.getRunAsGroup()),
                context.getReadonlyRootfs(),
                context.getSupplementalGroupsList(),
                mergesImageGroups(context.getSupplementalGroupsPolicy()),
                context.getPrivileged(),
                context.hasSeccomp()
                        ? Optional.of(profile(context.getSeccomp()))
                        : written(context.getSeccompProfilePath()),
                context.hasApparmor() ? Optional.of(profile(context.getApparmor())) : Optional.empty());
    }

    @SuppressWarnings("deprecation") // older clients name profiles in the fields that are deprecated
    static ContainerSecurity container(LinuxContainerSecurityContext context) {
        return new ContainerSecurity(
                context.getCapabilities().getAddCapabilitiesList(),
                context.getCapabilities().getDropCapabilitiesList(),
                context.getCapabilities().getAddAmbientCapabilitiesList(),
                context.getPrivileged(),
                namespaces(context.getNamespaceOptions()),
                context.hasSelinuxOptions() ? Optional.of(selinux(context.getSelinuxOptions())) : Optional.empty(),
                optional(context.hasRunAsUser(), context.getRunAsUser()),
                optional(context.hasRunAsGroup(), context.getRunAsGroup()),
                context.getRunAsUsername(),
                context.getReadonlyRootfs(),
                context.getSupplementalGroupsList(),
                mergesImageGroups(context.getSupplementalGroupsPolicy()),
                context.getNoNewPrivs(),
                context.getMaskedPathsList(),
                context.getReadonlyPathsList(),
                context.hasSeccomp()
                        ? Optional.of(profile(context.getSeccomp()))
                        : written(context.getSeccompProfilePath()),
                context.hasApparmor()
                        ? Optional.of(profile(context.getApparmor()))
                        : written(context.getApparmorProfile()));
    }

    static NamespaceOptions namespaces(NamespaceOption options) {
        return new NamespaceOptions(
                mode(options.getNetwork()),
                mode(options.getPid()),
                mode(options.getIpc()),
                options.getTargetId(),
                options.hasUsernsOptions() ? Optional.of(user(options.getUsernsOptions())) : Optional.empty());
    }

    static NamespaceOption namespaces(NamespaceOptions options) {
        var result = NamespaceOption.newBuilder()
                .setNetwork(mode(options.network()))
                .setPid(mode(options.pid()))
                .setIpc(mode(options.ipc()))
                .setTargetId(options.targetId());
        options.user()
                .ifPresent(user -> result.setUsernsOptions(io.keelson.proto.UserNamespace.newBuilder()
                        .setMode(mode(user.mode()))
                        .addAllUids(wireMappings(user.uids()))
                        .addAllGids(wireMappings(user.gids()))));
        return result.build();
    }

    static List<IdMapping> mappings(List<io.keelson.proto.IDMapping> mappings) {
        return mappings.stream()
                .map(each -> new IdMapping(
                        Integer.toUnsignedLong(each.getHostId()),
                        Integer.toUnsignedLong(each.getContainerId()),
                        Integer.toUnsignedLong(each.getLength())))
                .toList();
    }

    static List<io.keelson.proto.IDMapping> wireMappings(List<IdMapping> mappings) {
        return mappings.stream()
                .map(each -> io.keelson.proto.IDMapping.newBuilder()
                        .setHostId((int) each.hostId())
                        .setContainerId((int) each.containerId())
                        .setLength((int) each.length())
                        .build())
                .toList();
    }

    private static UserNamespace user(io.keelson.proto.UserNamespace user) {
        return new UserNamespace(mode(user.getMode()), mappings(user.getUidsList()), mappings(user.getGidsList()));
    }

    private static NamespaceMode mode(io.keelson.proto.NamespaceMode mode) {
        return switch (mode) {
            case POD -> NamespaceMode.POD;
            case CONTAINER -> NamespaceMode.CONTAINER;
            case NODE -> NamespaceMode.NODE;
            case TARGET -> NamespaceMode.TARGET;
            case UNRECOGNIZED -> throw Failure.invalid("the request asks for a namespace mode that does not exist");
        };
    }

    private static io.keelson.proto.NamespaceMode mode(NamespaceMode mode) {
        return switch (mode) {
            case POD -> io.keelson.proto.NamespaceMode.POD;
            case CONTAINER -> io.keelson.proto.NamespaceMode.CONTAINER;
            case NODE -> io.keelson.proto.NamespaceMode.NODE;
            case TARGET -> io.keelson.proto.NamespaceMode.TARGET;
        };
    }

    private static SelinuxLabel selinux(SELinuxOption label) {
        return new SelinuxLabel(label.getUser(), label.getRole(), label.getType(), label.getLevel());
    }

    private static OptionalLong optional(boolean isGiven, Int64Value value) {
        return isGiven ? OptionalLong.of(value.getValue()) : OptionalLong.empty();
    }

    private static boolean mergesImageGroups(SupplementalGroupsPolicy policy) {
        return switch (policy) {
            case Merge -> true;
            case Strict -> false;
            case UNRECOGNIZED ->
                throw Failure.invalid("the request asks for a supplemental groups policy that does not exist");
        };
    }

    private static SecurityProfile profile(io.keelson.proto.SecurityProfile profile) {
        return switch (profile.getProfileType()) {
            case RuntimeDefault -> new SecurityProfile(Kind.RUNTIME_DEFAULT, "");
            case Unconfined -> new SecurityProfile(Kind.UNCONFINED, "");
            case Localhost -> new SecurityProfile(Kind.LOCALHOST, profile.getLocalhostRef());
            case UNRECOGNIZED ->
                throw Failure.invalid("the request asks for a kind of security profile that does not exist");
        };
    }

    /** The older way to name a profile, in one string (CRI v1, the deprecated fields). */
    private static Optional<SecurityProfile> written(String profile) {
        return switch (profile) {
            case "" -> Optional.empty();
            case "unconfined" -> Optional.of(new SecurityProfile(Kind.UNCONFINED, ""));
            case "runtime/default", "docker/default" -> Optional.of(new SecurityProfile(Kind.RUNTIME_DEFAULT, ""));
            default -> {
                if (!profile.startsWith("localhost/")) {
                    throw Failure.invalid("\"" + profile
                            + "\" is not a security profile: unconfined, runtime/default or localhost/NAME is");
                }
                yield Optional.of(new SecurityProfile(Kind.LOCALHOST, profile.substring("localhost/".length())));
            }
        };
    }
}
