package io.juicebox.test.local;

import io.juicebox.test.stack.LocalStack;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The stack of the working copy: started in the background, found again, ended. Each of it may be
 * repeated.
 */
public final class LocalRun {
  /** Volumes can't promise more than this together; with it GetCapacity has something to tell. */
  private static final String POOL = "100Gi";

  private LocalRun() {}

  /**
   * The stack after {@link #up}.
   *
   * @param started whether this call has started it, rather than found it
   * @param env the file with its settings in shell syntax
   */
  public record Running(LocalStack stack, boolean started, Path env) {}

  /** Starts the stack unless it runs; what is left of one that died is removed first. */
  public static Running up() {
    var directory = RunDirectory.ofWorkingCopy();
    var env = directory.path().resolve("env");
    var found = find(directory);
    if (found.isPresent()) {
      return new Running(found.get(), false, env);
    }
    directory.remove();
    var stack =
        LocalStack.builder()
            .mountService()
            .controller("POOL_SIZE", POOL)
            .startIn(directory.create());
    EnvFile.write(stack, env);
    return new Running(stack, true, env);
  }

  /** Ends the stack and removes everything of it; whether there was anything. */
  public static boolean down() {
    return RunDirectory.ofWorkingCopy().remove();
  }

  private static Optional<LocalStack> find(RunDirectory directory) {
    return directory.existing().flatMap(LocalStack::find);
  }
}
