package io.keelson.server.images;

import io.keelson.host.failure.Failure;
import io.keelson.image.Finding;
import io.keelson.image.layer.IoBudget;
import io.keelson.server.config.Configuration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at everything on disk now and then, slowly, so that damage is found before a container meets it; and removes layers that have
 * been kept for long enough.
 */
public final class Upkeep implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Upkeep.class);
    /** The daemon has better to do when it has just begun. */
    private static final Duration FIRST_AFTER = Duration.ofHours(1);

    private static final Duration SWEEP_INTERVAL = Duration.ofMinutes(5);

    private interface Step {
        void run() throws InterruptedException;
    }

    private final ImageTools images;
    private final Configuration.Images settings;
    private final List<Thread> threads = new ArrayList<>();

    private Upkeep(ImageTools images, Configuration.Images settings) {
        this.images = images;
        this.settings = settings;
    }

    static Upkeep start(ImageTools images, Configuration.Images settings) {
        var upkeep = new Upkeep(images, settings);
        var interval = settings.scrubInterval();
        if (interval.isPositive()) {
            var first = interval.compareTo(FIRST_AFTER) < 0 ? interval : FIRST_AFTER;
            upkeep.repeat("scrub", first, interval, upkeep::scrub);
        }
        if (settings.unusedLayersAge().isPositive()) {
            upkeep.repeat(
                    "sweep",
                    SWEEP_INTERVAL,
                    SWEEP_INTERVAL,
                    () -> images.remover().removeUnusedLayers());
        }
        return upkeep;
    }

    private void repeat(String name, Duration first, Duration interval, Step step) {
        threads.add(Thread.ofVirtual().name(name).start(() -> {
            try {
                TimeUnit.NANOSECONDS.sleep(first.toNanos());
                while (true) {
                    attempt(name, step);
                    TimeUnit.NANOSECONDS.sleep(interval.toNanos());
                }
            } catch (InterruptedException e) {
                // close() ends it.
            }
        }));
    }

    private static void attempt(String name, Step step) throws InterruptedException {
        try {
            step.run();
        } catch (Failure e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            log.atWarn().addKeyValue("event", name + "-failed").log("cannot {} the images: {}", name, e.getMessage());
        }
    }

    private void scrub() {
        images.verifier().verifyAll(IoBudget.perSecond((long) settings.scrubRate() << 20), Upkeep::tell);
        log.atInfo().addKeyValue("event", "scrubbed").log("looked at all images");
    }

    private static void tell(Finding finding) {
        if (finding.outcome() != Finding.Outcome.SOUND) {
            log.atWarn()
                    .addKeyValue("event", "damage-found")
                    .addKeyValue("what", finding.what())
                    .addKeyValue("outcome", finding.outcome())
                    .log("{} was damaged: {}", finding.what(), finding.why());
        }
    }

    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
        try {
            for (var thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
