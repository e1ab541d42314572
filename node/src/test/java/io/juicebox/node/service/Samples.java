package io.juicebox.node.service;

import io.juicebox.csi.volume.BackendConnection;
import io.juicebox.csi.volume.CacheClass;
import io.juicebox.csi.volume.Lineage;
import io.juicebox.csi.volume.MountOptions;
import io.juicebox.csi.volume.MountParameters;
import io.juicebox.csi.volume.Number;
import io.juicebox.csi.volume.PvcName;
import io.juicebox.csi.volume.VolumeContext;
import io.juicebox.csi.volume.VolumeId;
import io.juicebox.node.kernel.Deadline;
import io.juicebox.node.mount.Mount;
import io.juicebox.node.mount.MountRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/** One volume and what is asked of it. */
final class Samples {
  static final VolumeId VOLUME = new VolumeId("default-abcdefghij0123456789");
  static final VolumeId OTHER = new VolumeId("default-zbcdefghij0123456789");
  static final UUID ID = UUID.fromString("11111111-2222-3333-4444-555555555555");
  static final String PASSWORD = "hidden-redis-password";
  static final String SECRET_KEY = "hidden-secret-key";

  private Samples() {}

  static MountRequest request() {
    return request(Duration.ofSeconds(20));
  }

  static MountRequest request(Duration limit) {
    var parameters =
        new MountParameters(
            1L << 30,
            Optional.of(Path.of("/caches")),
            64L << 20,
            OptionalLong.of(512L << 20),
            OptionalLong.empty(),
            OptionalLong.of(100),
            true);
    var context =
        new VolumeContext(
                new Number(7),
                new Lineage(VOLUME.value()),
                ID,
                "blocks",
                CacheClass.SINGLE,
                parameters)
            .madeFor(Optional.of(new PvcName("space", "claim")));
    var backend =
        BackendConnection.from(
            "secrets",
            Map.of(
                "redis-address", "redis://127.0.0.1:6379",
                "redis-user", "volume-7",
                "redis-password", PASSWORD,
                "object-endpoint", "http://127.0.0.1:9000",
                "object-access-key", "hidden-access-key",
                "object-secret-key", SECRET_KEY));
    var options = MountOptions.from(List.of("max-uploads=4", "writeback"), true);
    return new MountRequest(VOLUME, context, backend, options, Deadline.after(limit));
  }

  static Mount mount(VolumeId volume) {
    return new Mount(
        volume,
        Path.of("/state/volumes", volume.value(), "mount"),
        "0:50",
        ID,
        100,
        request().options().juicefs(),
        Optional.of(new PvcName("space", "claim")));
  }
}
