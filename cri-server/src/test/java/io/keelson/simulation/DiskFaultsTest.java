package io.keelson.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.failure.Failure;
import io.keelson.image.registry.RegistryClient;
import io.keelson.image.registry.RegistrySettings;
import io.keelson.pod.PodId;
import io.keelson.pod.container.ContainerId;
import io.keelson.pod.container.ContainerState;
import io.keelson.server.log.LoggingConfigurator;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each request with the Nth call of the disk failing, for every N until it succeeds with none failing. It fails in a definite way, leaves
 * nothing behind, and the same request succeeds when the disk works again.
 */
class DiskFaultsTest {
    private static final Registry REGISTRY = new Registry();
    private static final RegistryClient CLIENT = new RegistryClient(RegistrySettings.DEFAULT);
    private static final String IMAGE = REGISTRY.put("app", "some text");
    private static final int MOST_CALLS = 200;

    @BeforeAll
    static void begin() {
        // Each failure has a stack trace there.
        LoggingConfigurator.setLevel("off");
    }

    @AfterAll
    static void end() {
        LoggingConfigurator.setLevel("info");
        CLIENT.close();
        REGISTRY.close();
    }

    /** What a disk does to a call, and to those after it. */
    private enum Trouble {
        /** Somebody frees room at once. */
        FULL_ONCE("No space left on device", false),
        /** What is taken away, or has its room already, goes on. */
        FULL("No space left on device", true),
        BROKEN_ONCE("Input/output error", false);

        private final String words;
        private final boolean lasts;

        Trouble(String words, boolean lasts) {
            this.words = words;
            this.lasts = lasts;
        }

        boolean hits(String call) {
            return switch (call) {
                case "open", "mkdir", "write" -> true;
                case "fsync", "rename" -> this != FULL;
                case "look", "read" -> false;
                default -> this == BROKEN_ONCE;
            };
        }

        boolean isFull() {
            return this != BROKEN_ONCE;
        }
    }

    /** Fails the Nth call. */
    private static final class NthCall implements SimulatedDisk.Fault {
        private final Trouble trouble;
        private final int number;
        private final AtomicInteger calls = new AtomicInteger();
        private final AtomicInteger failed = new AtomicInteger();

        NthCall(Trouble trouble, int number) {
            this.trouble = trouble;
            this.number = number;
        }

        @Override
        public void before(String call, Path path) throws IOException {
            if (!trouble.hits(call)) {
                return;
            }
            var now = calls.incrementAndGet();
            if (now == number || (trouble.lasts && now > number)) {
                failed.incrementAndGet();
                throw new FileSystemException(path.toString(), null, trouble.words);
            }
        }

        boolean hasFailed() {
            return failed.get() > 0;
        }
    }

    /** A node that has what the requests before this one make. */
    static final class Scene {
        final SimulatedDisk disk = new SimulatedDisk(new Journal());
        final SimulatedKernel kernel = new SimulatedKernel(new Journal());
        final PodNode node = new PodNode(disk, kernel, CLIENT);
        private PodId pod = new PodId("0".repeat(64));
        private ContainerId container = new ContainerId("0".repeat(64));

        Scene(Deed last) {
            for (var deed : Deed.values()) {
                if (deed.compareTo(last) < 0) {
                    deed.request(this);
                }
            }
        }

        void assertNothingElse() {
            PodWorld.assertNothingElse(disk, kernel, node);
        }

        void removeAll() {
            PodWorld.pods(node).forEach(each -> node.remover.remove(each.id()));
            node.images.images().forEach(image -> node.images.remove(image.id().toString()));
            assertNothingElse();
            assertThat(kernel.held()).isEmpty();
            assertThat(disk.everything())
                    .filteredOn(file -> !file.endsWith("/"))
                    .containsExactlyInAnyOrder("/root/images/oci-layout", "/root/images/index.json");
        }
    }

    /** In the order in which they can be made. */
    enum Deed {
        PULL {
            @Override
            void request(Scene scene) {
                scene.node.images.pull(IMAGE);
            }
        },
        START_POD {
            @Override
            void request(Scene scene) {
                scene.pod = scene.node.starter.start(PodWorld.spec("one"));
            }
        },
        CREATE {
            @Override
            void request(Scene scene) {
                scene.container = scene.node.creator.create(scene.pod, PodWorld.config(IMAGE, "one"));
            }
        },
        START {
            @Override
            void request(Scene scene) {
                scene.node.containerStarter.start(scene.container);
            }

            @Override
            void again(Scene scene) {
                // A container that could not be started has ended: it is made anew.
                if (!(scene.node.containers.get(scene.container.hex()).state() instanceof ContainerState.Running)) {
                    scene.node.containerRemover.remove(scene.container);
                    CREATE.request(scene);
                    request(scene);
                }
            }
        },
        STOP {
            @Override
            void request(Scene scene) {
                scene.node.containerStopper.stop(scene.container, Duration.ZERO);
            }
        },
        REMOVE {
            @Override
            void request(Scene scene) {
                scene.node.containerRemover.remove(scene.container);
            }
        },
        STOP_POD {
            @Override
            void request(Scene scene) {
                scene.node.stopper.stop(scene.pod);
            }
        },
        REMOVE_POD {
            @Override
            void request(Scene scene) {
                scene.node.remover.remove(scene.pod);
            }
        },
        REMOVE_IMAGE {
            @Override
            void request(Scene scene) {
                scene.node.images.remove(IMAGE);
            }
        };

        abstract void request(Scene scene);

        void again(Scene scene) {
            request(scene);
        }
    }

    @ParameterizedTest
    @Tag("D1")
    @Tag("D2")
    @EnumSource
    void everyCallOfTheDiskMayFail(Deed deed) {
        for (var trouble : Trouble.values()) {
            var number = 1;
            while (isReached(deed, trouble, number)) {
                number++;
                assertThat(number).as("%s, %s", deed, trouble).isLessThan(MOST_CALLS);
            }
            System.out.printf("%s: each of %d calls of the disk failed, %s%n", deed, number - 1, trouble);
        }
    }

    /** False if there are fewer calls. */
    private static boolean isReached(Deed deed, Trouble trouble, int number) {
        try {
            var scene = new Scene(deed);
            var fault = new NthCall(trouble, number);
            scene.disk.fail(fault);
            request(deed, trouble, scene);
            scene.disk.fail(SimulatedDisk.Fault.NONE);
            scene.assertNothingElse();
            if (fault.hasFailed()) {
                deed.again(scene);
                scene.assertNothingElse();
            }
            if (deed == Deed.REMOVE_IMAGE && trouble != Trouble.FULL) {
                // Layers that a removal did not reach are the next start's, as after a kill.
                var _ = new PodNode(scene.disk, scene.kernel, CLIENT);
            }
            scene.removeAll();
            return fault.hasFailed();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("%s with call %d, %s: %s".formatted(deed, number, trouble, e), e);
        }
    }

    /** Some calls it can do without: those of notes for people, and of what another daemon would find out. */
    private static void request(Deed deed, Trouble trouble, Scene scene) {
        try {
            deed.request(scene);
        } catch (Failure e) {
            if (trouble.isFull()) {
                assertThat(e.kind()).as(e.getMessage()).isEqualTo(Failure.Kind.EXHAUSTED);
            }
            assertThat(e.getMessage()).contains(trouble.isFull() ? "disk is full" : trouble.words);
        }
    }
}
