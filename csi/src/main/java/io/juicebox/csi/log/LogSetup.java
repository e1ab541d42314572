package io.juicebox.csi.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.Map;
import org.slf4j.Logger;

/**
 * Sets the log up: lines on standard error. {@code LOG_LEVEL}: debug, info, warn, error. {@code
 * LOG_FORMAT}: json or text. Logback finds this class as a service.
 *
 * <p>It does what a logback.xml would: reading one costs 3 MiB of a program's memory for an XML
 * parser and 150 ms of its start. A file that somebody names by {@code -Dlogback.configurationFile}
 * and a logback-test.xml on the class path still win.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_NORMAL_PRIORITY)
public final class LogSetup extends ContextAwareBase implements Configurator {
  @Override
  public ExecutionStatus configure(LoggerContext context) {
    if (System.getProperty("logback.configurationFile") != null
        || LogSetup.class.getResource("/logback-test.xml") != null) {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }
    configure(context, System.getenv());
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  /** Adds to a context that has no appender yet. */
  static void configure(LoggerContext context, Map<String, String> environment) {
    var format = environment.getOrDefault("LOG_FORMAT", "json");
    var appender = new ConsoleAppender<ILoggingEvent>();
    appender.setContext(context);
    appender.setName("stderr");
    appender.setTarget("System.err");
    appender.setEncoder(format.equals("text") ? text(context) : json(context));
    appender.start();
    var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.INFO);
    root.addAppender(appender);
    // LOG_LEVEL is for our own code: below info netty logs the bytes of requests, keys included,
    // and lettuce the commands that it sends.
    context
        .getLogger("io.juicebox")
        .setLevel(Level.toLevel(environment.get("LOG_LEVEL"), Level.INFO));
    // gRPC sets SO_KEEPALIVE on unix sockets too, and netty warns of it at every connection.
    context.getLogger("io.netty.bootstrap").setLevel(Level.ERROR);
    context.getLogger("io.lettuce.core.protocol.ConnectionWatchdog").setLevel(Level.WARN);
    // The Kubernetes client warns with a stack trace at every attempt while its API server is away.
    context.getLogger("io.fabric8").setLevel(Level.ERROR);
  }

  private static Encoder<ILoggingEvent> text(LoggerContext context) {
    var encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%d{HH:mm:ss.SSS} %-5level %logger{0}: %msg %kvp%n");
    encoder.start();
    return encoder;
  }

  private static Encoder<ILoggingEvent> json(LoggerContext context) {
    var encoder = new JsonEncoder();
    encoder.setContext(context);
    encoder.setWithSequenceNumber(false);
    encoder.setWithNanoseconds(false);
    encoder.setWithContext(false);
    encoder.setWithMessage(false);
    encoder.setWithArguments(false);
    encoder.setWithFormattedMessage(true);
    encoder.start();
    return encoder;
  }
}
