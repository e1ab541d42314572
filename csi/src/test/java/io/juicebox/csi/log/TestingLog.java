package io.juicebox.csi.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.ContextInitializer;
import ch.qos.logback.core.joran.spi.JoranException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.slf4j.LoggerFactory;

/** The log that {@link LogSetup} sets up, at a level of the test's choice and caught as text. */
public final class TestingLog implements AutoCloseable {
  private final PrintStream before = System.err;
  private final ByteArrayOutputStream caught = new ByteArrayOutputStream();

  private TestingLog() {
    System.setErr(new PrintStream(caught, true, StandardCharsets.UTF_8));
  }

  /** Catches the log as an operator with this LOG_LEVEL and LOG_FORMAT sees it. */
  public static TestingLog at(Level level, String format) {
    var log = new TestingLog();
    LogSetup.configure(emptied(), Map.of("LOG_LEVEL", level.toString(), "LOG_FORMAT", format));
    return log;
  }

  /** Catches JSON lines at a level. */
  public static TestingLog at(Level level) {
    return at(level, "json");
  }

  private static LoggerContext emptied() {
    var context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    return context;
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
    System.setErr(before);
    try {
      new ContextInitializer(emptied()).autoConfig(); // back to logback-test.xml
    } catch (JoranException e) {
      throw new IllegalStateException(e);
    }
  }
}
