package io.keelson.server.log;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LogbackServiceProvider;
import ch.qos.logback.core.CoreConstants;

/**
 * Logback as {@link LoggingConfigurator} sets it up, for SLF4J. The launcher names it ({@code slf4j.provider}): to look for a provider,
 * and then for a configurator, would open every jar before anything else begins.
 */
public final class LoggingProvider extends LogbackServiceProvider {
    @Override
    public void initialize() {
        var context = (LoggerContext) getLoggerFactory();
        context.setName(CoreConstants.DEFAULT_CONTEXT_NAME);
        context.setMDCAdapter(getMDCAdapter());
        var _ = new LoggingConfigurator().configure(context);
        context.start();
    }
}
