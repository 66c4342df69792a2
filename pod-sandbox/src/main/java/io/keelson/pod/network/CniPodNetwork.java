package io.keelson.pod.network;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.host.lifecycle.KeyedLocks;
import io.keelson.host.lifecycle.Rollback;
import io.keelson.host.lifecycle.WorkListener;
import io.keelson.host.linux.Inodes;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.process.Processes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link PodNetwork} by the node's CNI plugins and nftables, in the network namespace of the calling thread. */
public final class CniPodNetwork implements PodNetwork {
    private static final Logger log = LoggerFactory.getLogger(CniPodNetwork.class);

    private final NetworkDirectory configurations;
    private final PluginRunner plugins;
    private final NetworkChain chain;
    private final VersionChoice versions;
    private final PluginStatus status;
    private final AttachmentStore attachments;
    private final HostPorts hostPorts;
    private final HostPortMode hostPortMode;
    private final KeyedLocks<String> locks = new KeyedLocks<>();
    /** Those that this daemon attached. */
    private final Set<String> ours = ConcurrentHashMap.newKeySet();
    /** Garbage is looked for while nobody is being attached: what ADD has just given must not be taken for garbage. */
    private final ReadWriteLock garbage = new ReentrantReadWriteLock(true);
    /** Interfaces that an earlier daemon may have switched to route 127.0.0.0/8. */
    private final Set<String> onceRouted = ConcurrentHashMap.newKeySet();

    /** @param work hears of the plugins' calls */
    public CniPodNetwork(NetworkSettings settings, Processes processes, WorkListener work) {
        this(
                settings,
                processes,
                work,
                new HostPorts(new Nftables(processes), new KernelLoopbackRouting(), new KernelFlows()));
    }

    CniPodNetwork(NetworkSettings settings, Processes processes, WorkListener work, HostPorts hostPorts) {
        this.configurations = new NetworkDirectory(settings.configurationDirectories());
        this.plugins = new PluginRunner(processes, settings.pluginDirectories(), settings.pluginDeadline(), work);
        this.chain = new NetworkChain(plugins, settings.hostPorts());
        this.versions = new VersionChoice(plugins, chain);
        this.status = new PluginStatus(chain);
        this.attachments = new AttachmentStore(settings.cacheDirectory());
        this.hostPorts = hostPorts;
        this.hostPortMode = settings.hostPorts();
    }

    /** Why host ports could not be published by ourselves; absent if they can. */
    public static Optional<String> hostPortTrouble() {
        return Nftables.trouble();
    }

    @Override
    public PodAddresses attach(NetworkRequest request, BiConsumer<String, Duration> timeline) {
        garbage.readLock().lock();
        try {
            return attachNow(request, timeline);
        } finally {
            garbage.readLock().unlock();
        }
    }

    private PodAddresses attachNow(NetworkRequest request, BiConsumer<String, Duration> timeline) {
        var podId = request.podId();
        try (var _ = locks.lock(podId);
                var undo = new Rollback()) {
            if (attachments.contains(podId)) {
                throw Failure.wrongState("pod " + podId + " is attached to a network already");
            }
            var network = versions.choose(configurations.current());
            var begun = Attachment.begun(request, network);
            if (hostPortMode == HostPortMode.KEELSON) {
                hostPorts.reserve(podId, request.fullName(), request.ports());
                undo.add("release host ports of pod " + podId, () -> hostPorts.release(podId));
            }
            var clock = new StepClock(timeline);
            ours.add(podId);
            attachments.put(begun);
            undo.add(
                    "detach pod " + podId + " from network " + network.name(),
                    () -> takeBack(podId, Optional.of(request.netns())));
            var plugins = new StepClock(timeline);
            var result = chain.add(begun, type -> plugins.ended("cni/" + type));
            clock.ended("cni");
            var attached = withPorts(begun.with(result));
            attachments.put(attached);
            clock.ended("network-record");
            publish(attached);
            clock.ended("host-ports");
            undo.commit();
            return result.podAddresses();
        } catch (Failure e) {
            throw e.during("cannot attach pod " + request.fullName() + " (" + podId + ") to its network");
        }
    }

    private Attachment withPorts(Attachment attachment) {
        return hostPortMode == HostPortMode.KEELSON
                ? attachment.routing(hostPorts.interfaceToRoute(PublishedPod.of(attachment)))
                : attachment;
    }

    private void publish(Attachment attachment) {
        if (hostPortMode == HostPortMode.KEELSON) {
            hostPorts.publish(PublishedPod.of(attachment));
        }
    }

    @Override
    public void detach(String podId, Optional<Path> netns) {
        var interrupted = Thread.interrupted();
        try (var _ = locks.lock(podId)) {
            takeBack(podId, netns);
        } catch (Failure e) {
            throw e.during("cannot detach pod " + podId + " from its network");
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public Optional<Json.Obj> record(String podId) {
        return attachments.find(podId).map(Attachment::toJson);
    }

    @Override
    public void recall(String podId, Optional<Json.Obj> record) {
        try (var _ = locks.lock(podId)) {
            if (attachments.find(podId).isEmpty()) {
                record.map(Attachment::of)
                        .or(() -> configurations.find().map(_ -> guessed(podId)))
                        .ifPresent(attachments::put);
            }
        } catch (Failure e) {
            throw e.during("cannot tell how pod " + podId + " was attached to its network");
        }
    }

    /** Everything is tried, whatever fails; only when nothing failed is the attachment forgotten. */
    private void takeBack(String podId, Optional<Path> netns) {
        if (!attachments.contains(podId)) {
            return;
        }
        var failures = new Failures();
        failures.collect(() -> hostPorts.withdraw(podId));
        failures.collect(() -> endConversations(podId));
        failures.collect(() -> delete(podId, netns.filter(CniPodNetwork::isNamespace)));
        failures.throwFirst();
        attachments.remove(podId);
        ours.remove(podId);
        hostPorts.release(podId);
    }

    /** By the record: the daemon that took the ports away may have been killed before it did this. */
    private void endConversations(String podId) {
        if (hostPortMode == HostPortMode.KEELSON) {
            attachments.find(podId).map(PublishedPod::of).ifPresent(hostPorts::endConversations);
        }
    }

    /** Not ended by an interrupt, which stopped the work and must not stop the way back; it is restored. */
    private void delete(String podId, Optional<Path> netns) {
        var attachment = attachments.find(podId).orElseGet(() -> guessed(podId));
        var interrupted = false;
        try {
            while (true) {
                try {
                    chain.delete(attachment, netns);
                    return;
                } catch (Failure e) {
                    if (!Thread.interrupted()) {
                        throw e;
                    }
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Of a pod whose record was lost: it was attached with the present configuration, most likely. */
    private Attachment guessed(String podId) {
        var unknown = new NetworkRequest(
                podId, "", "", "", Path.of("/"), List.of(), Map.of(), "", Optional.empty(), List.of());
        return Attachment.begun(unknown, versions.choose(configurations.current()));
    }

    private static boolean isNamespace(Path path) {
        try {
            return Inodes.statfs(path).type() == Inodes.FileSystem.NSFS;
        } catch (LinuxException e) {
            return false;
        }
    }

    @Override
    public void check(String podId) {
        var attachment = attachments
                .find(podId)
                .orElseThrow(() -> Failure.absent("pod " + podId + " is not attached to a network"));
        chain.check(attachment);
    }

    @Override
    public NetworkReadiness readiness() {
        try {
            var network = versions.choose(configurations.current());
            return network.plugins().stream()
                    .map(PluginConfiguration::type)
                    .filter(type -> plugins.find(type).isEmpty())
                    .findFirst()
                    .map(type -> NetworkReadiness.notReady("network " + network.name() + ": " + plugins.notFound(type)))
                    .orElseGet(() -> status.of(network));
        } catch (Failure e) {
            return NetworkReadiness.notReady(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void restoreHostPorts(Set<String> podIds, Set<String> withoutPorts) {
        var published = new ArrayList<PublishedPod>();
        var others = attachments.podIds();
        others.removeAll(withoutPorts);
        for (var podId : others) {
            attachments.find(podId).ifPresent(attachment -> {
                attachment.routedInterface().ifPresent(onceRouted::add);
                if (podIds.contains(podId) && attachment.result().isPresent()) {
                    published.add(PublishedPod.of(attachment));
                }
            });
        }
        if (hostPortMode == HostPortMode.KEELSON) {
            hostPorts.restore(published);
        }
    }

    @Override
    public void rebuildHostPorts() {
        hostPorts.rebuild(onceRouted);
    }

    @Override
    public void collectGarbage(Set<String> podIds) {
        for (var podId : attachments.podIds()) {
            if (!podIds.contains(podId) && !ours.contains(podId)) {
                attempt(
                        "detach pod " + podId,
                        () -> detach(
                                podId,
                                attachments
                                        .find(podId)
                                        .map(attachment -> attachment.request().netns())));
            }
        }
        configurations
                .find()
                .ifPresent(network -> attempt("collect garbage of network " + network.name(), () -> sweep(network)));
    }

    private void sweep(NetworkConfiguration network) {
        garbage.writeLock().lock();
        try {
            chain.collectGarbage(versions.choose(network), attachments.podIds());
        } finally {
            garbage.writeLock().unlock();
        }
    }

    private static void attempt(String what, Runnable step) {
        try {
            step.run();
        } catch (Failure e) {
            log.atWarn()
                    .addKeyValue("event", "network-garbage-left")
                    .log("cannot {}, will try again at the next start: {}", what, e.getMessage());
        }
    }
}
