package io.keelson.server.watch;

import io.keelson.host.linux.TerminalSize;
import io.keelson.server.config.Configuration;
import io.keelson.server.log.LoggingConfigurator;
import io.keelson.server.rpc.NodeClient;
import io.keelson.server.rpc.NodeClient.Usage;
import io.keelson.server.text.Ink;
import io.keelson.server.text.Sizes;
import io.keelson.server.text.Table;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keelson top}: what pods and containers use, on one screen, again and again. */
@Command(name = "top", description = "Show what pods and containers use, again and again on one screen.")
public final class TopCommand implements Callable<Integer> {
    /** By what lines are in order. */
    enum Order {
        CPU(Comparator.comparingLong(Usage::nanoCores).reversed()),
        MEMORY(Comparator.comparingLong(Usage::memoryBytes).reversed()),
        PROCESSES(Comparator.comparingLong(Usage::processes).reversed()),
        NAME(Comparator.comparing(Usage::pod).thenComparing(Usage::container));

        @SuppressWarnings("ImmutableEnumChecker") // comparators have no state
        private final Comparator<Usage> comparator;

        Order(Comparator<Usage> comparator) {
            this.comparator = comparator;
        }
    }

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
                out.print(screen(node.usage(), order, ENDLESS));
                out.flush();
                return 0;
            }
            while (true) {
                var screen = screen(node.usage(), order, TerminalSize.ofStdout().orElse(USUAL));
                out.print(CLEAR + bold(screen));
                out.flush();
                TimeUnit.SECONDS.sleep(Math.max(1, seconds));
            }
        }
    }

    private static String bold(String screen) {
        var head = screen.indexOf('\n');
        return Ink.ofStdout().strong(screen.substring(0, head)) + screen.substring(head);
    }

    /** What fits, with a line for the head and one for the cursor. */
    static String screen(List<Usage> usage, Order order, TerminalSize size) {
        var table = new Table("POD", "CONTAINER", "ID", "CPU", "MEMORY", "PROCESSES");
        usage.stream()
                .sorted(order.comparator.thenComparing(Order.NAME.comparator))
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
