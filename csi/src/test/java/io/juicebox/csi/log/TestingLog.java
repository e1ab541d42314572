package io.juicebox.csi.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.slf4j.LoggerFactory;

/** The log that logback.xml sets up, at a level of the test's choice and caught as text. */
public final class TestingLog implements AutoCloseable {
  private final PrintStream before = System.err;
  private final ByteArrayOutputStream caught = new ByteArrayOutputStream();

  private TestingLog() {
    System.setErr(new PrintStream(caught, true, StandardCharsets.UTF_8));
  }

  /** Catches the log as an operator with this LOG_LEVEL and LOG_FORMAT sees it. */
  public static TestingLog at(Level level, String format) {
    System.setProperty("LOG_LEVEL", level.toString());
    System.setProperty("LOG_FORMAT", format);
    var log = new TestingLog();
    configure("/logback.xml");
    return log;
  }

  /** Catches JSON lines at a level. */
  public static TestingLog at(Level level) {
    return at(level, "json");
  }

  private static void configure(String resource) {
    URL file = Objects.requireNonNull(TestingLog.class.getResource(resource));
    var context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    var configurator = new JoranConfigurator();
    configurator.setContext(context);
    try {
      configurator.doConfigure(file);
    } catch (JoranException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Everything that was written. */
  public String text() {
    return caught.toString(StandardCharsets.UTF_8);
  }

  /** The lines that were written. */
  public List<String> lines() {
    return text().lines().toList();
  }

  @Override
  public void close() {
    System.clearProperty("LOG_LEVEL");
    System.clearProperty("LOG_FORMAT");
    System.setErr(before);
    configure("/logback-test.xml");
  }
}
