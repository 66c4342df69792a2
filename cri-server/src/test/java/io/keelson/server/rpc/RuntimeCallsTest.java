package io.keelson.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.MethodDescriptor;
import io.keelson.pod.PodCatalog;
import io.keelson.pod.PodPaths;
import io.keelson.pod.container.ContainerCatalog;
import io.keelson.pod.container.ContainerPaths;
import io.keelson.proto.RuntimeServiceGrpc;
import io.keelson.server.rpc.RuntimeCalls.ContainerVerbs;
import io.keelson.server.rpc.RuntimeCalls.PodVerbs;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuntimeCallsTest {
    @TempDir
    Path directory;

    /** And no two classes have one: that would be an IllegalStateException. */
    @Test
    void everyCallOfTheApiIsBound() {
        var pods = new PodCatalog(new PodPaths(directory, directory));
        var containers = new ContainerCatalog(new ContainerPaths(directory, directory));

        var service = new RuntimeCalls(
                        new Calls(),
                        "1.2.3",
                        null,
                        new PodVerbs(pods, null, null, null, null, null, null),
                        new ContainerVerbs(containers, null, null, null, null, null, null, null, null, null),
                        null,
                        directory)
                .bindService();

        assertThat(service.getMethods())
                .extracting(each -> each.getMethodDescriptor())
                .extracting(MethodDescriptor::getFullMethodName)
                .containsExactlyInAnyOrderElementsOf(RuntimeServiceGrpc.getServiceDescriptor().getMethods().stream()
                        .map(MethodDescriptor::getFullMethodName)
                        .toList());
    }
}
