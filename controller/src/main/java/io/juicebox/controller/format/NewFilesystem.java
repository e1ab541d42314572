package io.juicebox.controller.format;

import io.juicebox.csi.status.DriverException.Failed;
import java.util.List;

/**
 * A filesystem that JuiceFS formatted and that is nowhere yet.
 *
 * @param setting the content of the key {@code setting}, a JSON object with a fresh UUID
 */
public record NewFilesystem(String setting) {

  static NewFilesystem printed(List<String> log) {
    return FormatLog.setting(log)
        .map(NewFilesystem::new)
        .orElseThrow(() ->
            new Failed("juicefs format did not say what it made: " + FormatLog.complaint(log)));
  }
}
