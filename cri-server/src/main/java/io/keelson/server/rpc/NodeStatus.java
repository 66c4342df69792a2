package io.keelson.server.rpc;

import io.keelson.host.json.Json;
import io.keelson.host.record.SetAside;
import io.keelson.oci.cgroup.CgroupDriver;
import io.keelson.oci.runtime.RuntimeFeatures;
import io.keelson.proto.LinuxRuntimeConfiguration;
import io.keelson.proto.RuntimeCondition;
import io.keelson.proto.RuntimeConfigResponse;
import io.keelson.proto.RuntimeHandler;
import io.keelson.proto.RuntimeHandlerFeatures;
import io.keelson.proto.RuntimeStatus;
import io.keelson.proto.StatusResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What the node can do now. kubelet asks every few seconds, so the two questions behind it must be answered from memory or with one
 * system call; what a runtime can do is asked once.
 *
 * @param runtimeTrouble why no container could be started now; empty if one could
 * @param networkTrouble why no pod could get a network now; empty if one could
 * @param belowFloor which programs are older than they should be; empty if none is known to be
 * @param storageTrouble why what the daemon keeps could not be written down now; empty if it could
 * @param handlers the names by which pods may ask for a runtime, besides the default's empty name
 * @param features of the runtime of such a name, or of the empty one
 * @param hasUserNamespaces whether pods of such a handler can have user namespaces of their own
 * @param cgroupDriver who makes control groups
 * @param configuration shown when a caller wants details
 * @param setAside what of our own on disk could not be used, shown with it
 */
public record NodeStatus(
        Supplier<Optional<String>> runtimeTrouble,
        Supplier<Optional<String>> networkTrouble,
        Supplier<Optional<String>> belowFloor,
        Supplier<Optional<String>> storageTrouble,
        List<String> handlers,
        Function<String, RuntimeFeatures> features,
        Predicate<String> hasUserNamespaces,
        CgroupDriver cgroupDriver,
        Json.Obj configuration,
        Supplier<List<SetAside.Kept>> setAside) {

    /** What kubelet makes its own groups by. */
    RuntimeConfigResponse runtimeConfig() {
        return RuntimeConfigResponse.newBuilder()
                .setLinux(LinuxRuntimeConfiguration.newBuilder()
                        .setCgroupDriver(
                                switch (cgroupDriver) {
                                    case CGROUPFS -> io.keelson.proto.CgroupDriver.CGROUPFS;
                                    case SYSTEMD -> io.keelson.proto.CgroupDriver.SYSTEMD;
                                }))
                .build();
    }

    StatusResponse response(boolean verbose) {
        var response = StatusResponse.newBuilder()
                .setStatus(RuntimeStatus.newBuilder()
                        .addConditions(condition("RuntimeReady", "RuntimeNotReady", runtimeTrouble.get()))
                        .addConditions(condition("NetworkReady", "NetworkPluginNotReady", networkTrouble.get())));
        belowFloor
                .get()
                .ifPresent(which -> response.getStatusBuilder()
                        .addConditions(condition("VersionFloorsMet", "BelowVersionFloor", Optional.of(which))));
        storageTrouble
                .get()
                .ifPresent(why -> response.getStatusBuilder()
                        .addConditions(condition("StorageWritable", "StorageNotWritable", Optional.of(why))));
        response.addRuntimeHandlers(handler(""));
        handlers.forEach(name -> response.addRuntimeHandlers(handler(name)));
        response.setFeatures(io.keelson.proto.RuntimeFeatures.newBuilder()
                .setSupplementalGroupsPolicy(true)
                .setMountOptions(true));
        if (verbose) {
            response.putInfo("config", text(configuration));
            response.putInfo(
                    "setAside",
                    text(new Json.Arr(setAside.get().stream()
                            .<Json>map(SetAside.Kept::toJson)
                            .toList())));
        }
        return response.build();
    }

    private static String text(Json json) {
        return new String(json.toBytes(), StandardCharsets.UTF_8);
    }

    private static RuntimeCondition condition(String type, String reason, Optional<String> trouble) {
        var condition = RuntimeCondition.newBuilder().setType(type).setStatus(trouble.isEmpty());
        trouble.ifPresent(why -> condition.setReason(reason).setMessage(why));
        return condition.build();
    }

    private RuntimeHandler handler(String name) {
        return RuntimeHandler.newBuilder()
                .setName(name)
                .setFeatures(RuntimeHandlerFeatures.newBuilder()
                        .setRecursiveReadOnlyMounts(features.apply(name).recursiveReadOnlyMounts())
                        .setUserNamespaces(hasUserNamespaces.test(name)))
                .build();
    }
}
