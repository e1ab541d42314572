package io.juicebox.test.stage;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectPackage;

import io.juicebox.test.server.Tools;
import io.juicebox.test.stack.Rounds;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs the tests with a stage's tag, one after the other, printing each as it ends. */
public final class StageRunner {
  /** Of a property, which has some dozen calls to choose from. */
  private static final int TRIES = Rounds.of(4_000, 60_000);

  private StageRunner() {}

  /**
   * Runs a stage.
   *
   * @param stage a JUnit tag
   * @param only simple names of test classes; all classes of the stage if empty
   */
  public static Results run(String stage, List<String> only) {
    return run(stage, only, System.out);
  }

  static Results run(String stage, List<String> only, PrintStream out) {
    var progress = new Progress(out);
    LauncherFactory.create().execute(request(stage, only), progress);
    progress.printFailures(stage);
    return progress.results(stage);
  }

  /** What a run that failed leaves for the next one, which then begins with that. */
  private static Path database() {
    return Tools.repository().orElseThrow().resolve("test/target/jqwik-database");
  }

  private static LauncherDiscoveryRequest request(String stage, List<String> only) {
    var names = only.isEmpty() ? ".*" : ".*\\.(" + String.join("|", only) + ")";
    return LauncherDiscoveryRequestBuilder.request()
        .selectors(selectPackage("io.juicebox.test"))
        .filters(
            TagFilter.includeTags(stage),
            org.junit.platform.engine.discovery.ClassNameFilter.includeClassNamePatterns(names))
        .configurationParameter("junit.jupiter.execution.timeout.default", "10 m")
        .configurationParameter("jqwik.tries.default", Integer.toString(TRIES))
        .configurationParameter("jqwik.database", database().toString())
        .build();
  }
}
