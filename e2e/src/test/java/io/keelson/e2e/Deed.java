package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.keelson.proto.ContainerState;
import io.keelson.proto.LinuxContainerResources;
import io.keelson.proto.PodSandboxState;
import io.keelson.proto.RemovePodSandboxRequest;
import io.keelson.proto.StartContainerRequest;
import io.keelson.proto.StopPodSandboxRequest;
import io.keelson.proto.UpdateContainerResourcesRequest;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** A request in the midst of which a daemon may die: what it needs, how it is made, and how one sees afterwards that it was done. */
enum Deed {
    PULL {
        @Override
        void request(ChaosScene scene) {
            Requests.pull(scene.cri(), ChaosScene.IMAGE);
        }

        @Override
        void verify(ChaosScene scene) {
            assertThat(scene.hasImage()).isTrue();
        }
    },

    RUN_POD {
        @Override
        void request(ChaosScene scene) {
            scene.runPod();
        }

        @Override
        void verify(ChaosScene scene) {
            assertThat(Requests.podStatus(scene.cri(), scene.podId()).getState())
                    .isEqualTo(PodSandboxState.SANDBOX_READY);
        }
    },

    CREATE {
        @Override
        void prepare(ChaosScene scene) {
            scene.runPod();
        }

        @Override
        void request(ChaosScene scene) {
            scene.create();
        }

        @Override
        void verify(ChaosScene scene) {
            assertThat(scene.container().getState()).isEqualTo(ContainerState.CONTAINER_CREATED);
        }
    },

    START {
        @Override
        void prepare(ChaosScene scene) {
            scene.runPod();
            scene.create();
        }

        @Override
        void request(ChaosScene scene) {
            // A client that sees that it runs already does not ask again.
            if (scene.container().getState() == ContainerState.CONTAINER_CREATED) {
                scene.cri()
                        .runtime(Requests.DEADLINE)
                        .startContainer(StartContainerRequest.newBuilder()
                                .setContainerId(scene.containerId())
                                .build());
            }
        }

        @Override
        void verify(ChaosScene scene) {
            assertThat(scene.container().getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
        }
    },

    STOP {
        @Override
        void prepare(ChaosScene scene) {
            scene.runContainer();
        }

        @Override
        void request(ChaosScene scene) {
            Requests.stop(scene.cri(), scene.containerId(), Duration.ofSeconds(1));
        }

        @Override
        void verify(ChaosScene scene) {
            assertThat(scene.container().getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
            assertThat(scene.container().getExitCode()).isEqualTo(KILLED);
        }
    },

    REMOVE_CONTAINER {
        @Override
        void prepare(ChaosScene scene) {
            scene.runContainer();
        }

        @Override
        void request(ChaosScene scene) {
            Requests.remove(scene.cri(), scene.containerId());
        }

        @Override
        void verify(ChaosScene scene) {
            Refused.with(Code.NOT_FOUND, scene::container);
        }
    },

    STOP_POD {
        @Override
        void prepare(ChaosScene scene) {
            scene.runContainer();
        }

        @Override
        void request(ChaosScene scene) {
            scene.cri()
                    .runtime(Requests.DEADLINE)
                    .stopPodSandbox(StopPodSandboxRequest.newBuilder()
                            .setPodSandboxId(scene.podId())
                            .build());
        }

        @Override
        void verify(ChaosScene scene) {
            assertThat(Requests.podStatus(scene.cri(), scene.podId()).getState())
                    .isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
            assertThat(scene.container().getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
        }
    },

    REMOVE_POD {
        @Override
        void prepare(ChaosScene scene) {
            scene.runContainer();
        }

        @Override
        void request(ChaosScene scene) {
            scene.cri()
                    .runtime(Requests.DEADLINE)
                    .removePodSandbox(RemovePodSandboxRequest.newBuilder()
                            .setPodSandboxId(scene.podId())
                            .build());
        }

        @Override
        void verify(ChaosScene scene) {
            assertThat(scene.otherPods()).isEmpty();
        }
    },

    REMOVE_IMAGE {
        @Override
        void prepare(ChaosScene scene) {
            Requests.pull(scene.cri(), ChaosScene.IMAGE);
        }

        @Override
        void request(ChaosScene scene) {
            Requests.removeImage(scene.cri(), ChaosScene.IMAGE);
        }

        @Override
        void verify(ChaosScene scene) {
            assertThat(scene.hasImage()).isFalse();
        }
    },

    EXEC_SYNC {
        @Override
        void prepare(ChaosScene scene) {
            scene.runContainer();
        }

        @Override
        void request(ChaosScene scene) {
            assertThat(Requests.exec(scene.cri(), scene.containerId(), "echo", "here")
                            .getStdout()
                            .toStringUtf8())
                    .isEqualTo("here\n");
        }
    },

    STREAM {
        @Override
        void prepare(ChaosScene scene) {
            scene.runContainer();
        }

        @Override
        void request(ChaosScene scene) throws Exception {
            try (var client = scene.talk("echo", "here")) {
                assertThat(client.await().stdout()).isEqualTo("here\n");
            }
        }
    },

    UPDATE {
        @Override
        void prepare(ChaosScene scene) {
            scene.runContainer();
        }

        @Override
        void request(ChaosScene scene) {
            scene.cri()
                    .runtime(Requests.DEADLINE)
                    .updateContainerResources(UpdateContainerResourcesRequest.newBuilder()
                            .setContainerId(scene.containerId())
                            .setLinux(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(LIMIT))
                            .build());
        }

        @Override
        void verify(ChaosScene scene) {
            assertThat(scene.container().getResources().getLinux().getMemoryLimitInBytes())
                    .isEqualTo(LIMIT);
        }
    };

    private static final int KILLED = 137;
    private static final long LIMIT = 64 << 20;

    /** What the request is about. */
    void prepare(ChaosScene scene) {}

    abstract void request(ChaosScene scene) throws Exception;

    /** Some say themselves whether they worked. */
    void verify(ChaosScene scene) {}

    String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    static List<Deed> all() {
        return List.of(values());
    }
}
