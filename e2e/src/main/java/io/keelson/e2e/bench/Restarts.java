package io.keelson.e2e.bench;

import io.keelson.e2e.node.CriDaemon;
import io.keelson.e2e.node.Keelson;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Setup;
import io.keelson.e2e.node.ThreadTimes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * How soon a daemon is there again with many pods, how soon it tells of the end of a container, and what reading all statistics once a
 * second costs it. On a node of its own, which serves metrics as well where the runtime can be told to.
 */
final class Restarts {
    private static final int EMPTY_STARTS = 5;
    private static final int SCRAPES = 20;

    /** What a daemon reads before it is measured: it compiles for a minute what it then runs for months. */
    private static final int SCRAPES_TO_LEARN = 200;

    /** With 110 pods one reading of all takes containerd many seconds; a few of those tell as much as twenty. */
    private static final Duration SCRAPING = Duration.ofSeconds(30);

    private static final int EXITS = 20;
    private static final Duration LISTED = Duration.ofMinutes(2);

    private final Samples samples;
    private final CriDaemon daemon;
    private final Setup setup;
    private final Deque<AutoCloseable> undo;

    /** @param undo gets what has to be closed in the end */
    Restarts(Subject subject, CriDaemon daemon, Setup setup, Deque<AutoCloseable> undo) {
        this.samples = subject.samples();
        this.daemon = daemon;
        this.setup = setup;
        this.undo = undo;
    }

    void run(Path directory, String image, int pods, int restarts) throws Exception {
        for (var start = 1; start < EMPTY_STARTS; start++) {
            start(Files.createDirectory(directory.resolve("empty-" + start)), setup)
                    .close();
        }
        var port = freePort();
        var node = start(
                Files.createDirectory(directory.resolve("node")),
                setup.configured("[metrics]\nlisten = \"127.0.0.1:" + port + "\"\n"));
        undo.push(node);
        var subject = Subject.of(daemon.name(), node);
        new Calls(node.cri()).pull(image);
        var crowd = new Crowd(subject, image);
        try (AutoCloseable _ = () -> crowd.remove(new Calls(node.cri()))) {
            crowd.make(pods);
            scrape(node, daemon instanceof Keelson ? Optional.of(metrics(port)) : Optional.empty());
            for (var restart = 0; restart < restarts; restart++) {
                restart(node, pods);
            }
            var calls = new Calls(node.cri());
            Exits.measure(node.cri(), calls, calls.containers(Math.min(EXITS, pods)), samples);
        }
    }

    private Node start(Path directory, Setup how) throws IOException, InterruptedException {
        var node = Node.start(directory, daemon, how);
        samples.add(Metric.START_EMPTY, millis(node.firstAnswer()));
        return node;
    }

    private void restart(Node node, int pods) throws IOException, InterruptedException {
        node.kill();
        var begin = System.nanoTime();
        node.restart();
        samples.add(Metric.RESTART_ANSWER, millis(node.firstAnswer()));
        var calls = new Calls(node.cri());
        while (calls.listReadyPods() < pods || calls.listRunningContainers() < pods) {
            if (System.nanoTime() - begin > LISTED.toNanos()) {
                throw new IllegalStateException(calls.listReadyPods() + " pods are ready and "
                        + calls.listRunningContainers() + " containers run of " + pods + ", " + LISTED
                        + " after the daemon was started again");
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
        samples.add(Metric.RESTART_LISTED, Samples.millis(System.nanoTime() - begin));
    }

    /** Of the daemon's own process alone: not of shims, which containerd has answer for it. */
    private void scrape(Node node, Optional<HttpRequest> metrics) throws IOException, InterruptedException {
        var calls = new Calls(node.cri());
        try (var http = HttpClient.newHttpClient()) {
            var learnt = System.nanoTime() + SCRAPING.toNanos();
            for (var i = 0; i < SCRAPES_TO_LEARN && System.nanoTime() < learnt; i++) {
                readAll(calls, http, metrics);
            }
            var end = System.nanoTime() + SCRAPING.toNanos();
            for (var i = 0; i < SCRAPES && System.nanoTime() < end; i++) {
                var before = processorNanos(node.pid());
                var begin = System.nanoTime();
                readAll(calls, http, metrics);
                TimeUnit.NANOSECONDS.sleep(Duration.ofSeconds(1).toNanos() - (System.nanoTime() - begin));
                samples.add(Metric.SCRAPE, 100.0 * (processorNanos(node.pid()) - before) / (System.nanoTime() - begin));
            }
        }
    }

    private static void readAll(Calls calls, HttpClient http, Optional<HttpRequest> metrics)
            throws IOException, InterruptedException {
        calls.readStatistics();
        if (metrics.isPresent()) {
            var status = http.send(metrics.get(), BodyHandlers.discarding()).statusCode();
            if (status != 200) {
                throw new IOException(metrics.get().uri() + " answers " + status);
            }
        }
    }

    private static long processorNanos(long pid) throws IOException {
        return ThreadTimes.of(Long.toString(pid)).runNanos();
    }

    private static HttpRequest metrics(int port) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                .build();
    }

    private static double millis(Duration time) {
        return Samples.millis(time.toNanos());
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
