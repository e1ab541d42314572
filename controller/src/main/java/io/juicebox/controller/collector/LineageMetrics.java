package io.juicebox.controller.collector;

import io.juicebox.controller.registry.Lineages;
import io.juicebox.controller.registry.Lineages.Known;
import io.juicebox.controller.registry.Lineages.Sizes;
import io.juicebox.csi.volume.BackendName;
import io.juicebox.csi.volume.Lineage;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many bytes of each lineage that was copied from are shared, as its last sweep found and left
 * them, whichever controller did it. Bounded: where there are more lineages than may have metrics
 * none has, since a part of them would look like all. For one thread.
 */
final class LineageMetrics {
  private static final Logger LOG = LoggerFactory.getLogger(LineageMetrics.class);
  private static final int PAGE = 500;

  private final MultiGauge gauge;
  private final int most;
  private boolean toldTooMany;

  /**
   * @param most how many lineages may have metrics
   */
  LineageMetrics(MeterRegistry registry, BackendName backend, int most) {
    this.gauge =
        MultiGauge.builder("juicebox.controller.lineage")
            .description(
                "Blocks of a lineage, before compression: named by several of its volumes and snapshots, by one, by none")
            .tag("backend", backend.value())
            .baseUnit("bytes")
            .register(registry);
    this.most = most;
  }

  /** Has rows for what the registry knows, and none for what it doesn't. */
  void refresh(Lineages lineages) {
    if (most == 0) {
      return;
    }
    var found = new ArrayList<Known>();
    Optional<Lineage> last = Optional.empty();
    List<Known> page;
    do {
      page = lineages.list(last, PAGE);
      found.addAll(page);
      last = page.isEmpty() ? last : Optional.of(page.getLast().lineage());
    } while (page.size() == PAGE && found.size() <= most);
    boolean tooMany = found.size() > most;
    if (tooMany && !toldTooMany) {
      LOG.warn("there are more than {} lineages: none has metrics, see VOLUME_METRICS", most);
    }
    toldTooMany = tooMany;
    gauge.register(
        tooMany ? List.of() : found.stream().flatMap(LineageMetrics::rows).toList(), true);
  }

  private static Stream<Row<?>> rows(Known known) {
    return known.sizes().stream().flatMap(sizes -> rows(known.lineage(), sizes));
  }

  private static Stream<Row<?>> rows(Lineage lineage, Sizes sizes) {
    return Stream.of(
        row(lineage, "shared", sizes.shared()),
        row(lineage, "private", sizes.exclusive()),
        row(lineage, "reclaimable", sizes.reclaimable()));
  }

  private static Row<?> row(Lineage lineage, String kind, long bytes) {
    return Row.of(Tags.of("lineage", lineage.value(), "kind", kind), bytes);
  }
}
