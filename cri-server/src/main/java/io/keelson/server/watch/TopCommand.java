package io.keelson.server.watch;

import io.keelson.host.lifecycle.Deadline;
import io.keelson.host.linux.TerminalSize;
import io.keelson.server.config.Configuration;
import io.keelson.server.log.LoggingConfigurator;
import io.keelson.server.rpc.NodeClient;
import io.keelson.server.rpc.NodeClient.Usage;
import io.keelson.server.text.Ink;
import io.keelson.server.text.Sizes;
import io.keelson.server.text.Table;
import io.keelson.server.watch.View.Order;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keelson top}: what pods and containers use, on one screen, again and again. */
@Command(
        name = "top",
        description = "Show what pods and containers use, again and again on one screen; keys at a terminal sort it.")
public final class TopCommand implements Callable<Integer> {
    private static final int SHORT_ID = 12;
    private static final TerminalSize USUAL = new TerminalSize(80, 24);
    private static final TerminalSize ENDLESS = new TerminalSize(Integer.MAX_VALUE, Integer.MAX_VALUE);
    private static final double NANOS = 1e9;
    private static final String CLEAR = "\u001b[H\u001b[2J";

    private final Supplier<Configuration> configuration;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before any command is called
    private CommandSpec spec;

    @Option(names = "--once", description = "Print everything once, for programs.")
    private boolean once;

    @Option(
            names = "--sort",
            paramLabel = "ORDER",
            defaultValue = "cpu",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Order order = Order.CPU;

    @Option(names = "--interval", paramLabel = "SECONDS", defaultValue = "2", description = "Between two looks.")
    private int seconds;

    public TopCommand(Supplier<Configuration> configuration) {
        this.configuration = configuration;
    }

    @Override
    public Integer call() throws InterruptedException {
        LoggingConfigurator.setLevel("error");
        var out = spec.commandLine().getOut();
        try (var node = new NodeClient(configuration.get().server().socket())) {
            if (once) {
                out.print(screen(node.usage(), View.of(order), ENDLESS));
                out.flush();
                return 0;
            }
            watch(node, out);
            return 0;
        }
    }

    /** Until a key or a signal ends it. */
    private void watch(NodeClient node, PrintWriter out) throws InterruptedException {
        var view = View.of(order);
        try (var keyboard = Keyboard.open()) {
            while (true) {
                var usage = node.usage();
                var nextLook = Deadline.in(Duration.ofSeconds(Math.max(1, seconds)));
                OptionalInt key;
                do {
                    show(usage, view, keyboard.isThere(), out);
                    key = keyboard.press(nextLook);
                    if (key.isPresent() && View.isEnd(key.getAsInt())) {
                        return;
                    }
                    view = key.isPresent() ? view.after(key.getAsInt()) : view;
                } while (key.isPresent());
            }
        }
    }

    private static void show(List<Usage> usage, View view, boolean hasKeys, PrintWriter out) {
        var size = TerminalSize.ofStdout().orElse(USUAL);
        var legend = view.legend();
        out.print(CLEAR
                + bold(screen(usage, view, hasKeys ? new TerminalSize(size.columns(), size.rows() - 1) : size))
                + (hasKeys ? legend.substring(0, Math.min(size.columns(), legend.length())) + "\n" : ""));
        out.flush();
    }

    private static String bold(String screen) {
        var head = screen.indexOf('\n');
        return Ink.ofStdout().strong(screen.substring(0, head)) + screen.substring(head);
    }

    /** What fits, with a line for the head and one for the cursor. */
    static String screen(List<Usage> usage, View view, TerminalSize size) {
        var table = new Table("POD", "CONTAINER", "ID", "CPU", "MEMORY", "PROCESSES");
        usage.stream()
                .sorted(view.comparator())
                .limit(Math.max(1, size.rows() - 2L))
                .forEach(each -> table.row(
                        each.pod(),
                        each.container().isEmpty() ? "-" : each.container(),
                        each.id().substring(0, Math.min(SHORT_ID, each.id().length())),
                        String.format(Locale.ROOT, "%.3f", each.nanoCores() / NANOS),
                        Sizes.text(each.memoryBytes()),
                        each.container().isEmpty() ? Long.toString(each.processes()) : "-"));
        var text = new StringWriter();
        table.print(new PrintWriter(text));
        return text.toString()
                .lines()
                .map(line -> line.substring(0, Math.min(size.columns(), line.length())) + "\n")
                .collect(Collectors.joining());
    }
}
