package io.juicebox.node;

import io.juicebox.node.descriptor.DescriptorCopies;
import io.juicebox.node.health.HealthWatch;
import io.juicebox.node.kernel.Kernel;
import io.juicebox.node.mount.KnownMounts;
import io.juicebox.node.mount.MountHealth;
import io.juicebox.node.mount.Mounts;
import io.juicebox.node.service.HealthListener;
import io.juicebox.node.service.HealthSubscription;
import io.juicebox.node.service.RemoteMounts;
import io.juicebox.node.service.ServiceSockets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;

/** Mounts that a mount service makes. It takes up those of an earlier run itself. */
final class ServiceMounts implements MountSource {
  private final RemoteMounts mounts;
  private final ServiceSockets sockets;
  private Optional<DescriptorCopies> copies = Optional.empty();
  private Optional<HealthSubscription> subscription = Optional.empty();

  ServiceMounts(ServiceSockets sockets, Path state, Kernel kernel) {
    this.sockets = sockets;
    this.mounts = new RemoteMounts(sockets, new KnownMounts(state, kernel));
  }

  @Override
  public Mounts mounts() {
    return mounts;
  }

  /** The service may be away; what needs it waits or fails. */
  @Override
  public void start(HealthWatch health) {
    copies = Optional.of(new DescriptorCopies(sockets.descriptors()));
    subscription =
        Optional.of(
            mounts.follow(
                new HealthListener() {
                  @Override
                  public void all(Collection<MountHealth> words) {
                    health.toldAll(words);
                  }

                  @Override
                  public void changed(MountHealth word) {
                    health.told(word);
                  }
                }));
  }

  @Override
  public String unready() {
    return mounts.unready();
  }

  @Override
  public void close() {
    subscription.ifPresent(HealthSubscription::close);
    copies.ifPresent(DescriptorCopies::close);
    mounts.close();
  }
}
