package io.juicebox.controller.collector;

import io.juicebox.controller.meta.Garbage;
import io.juicebox.controller.object.ObjectStore;
import io.juicebox.controller.registry.CollectorMarks;
import io.juicebox.controller.registry.Lineages;
import io.juicebox.controller.registry.Registry;
import io.juicebox.controller.registry.Snapshots;
import io.juicebox.controller.volume.CopyFiles;
import io.juicebox.csi.volume.BackendName;

/**
 * A backend whose volumes' space is given back, and what reaches it.
 *
 * @param files for snapshots while they are read
 */
public record CollectedBackend(
    BackendName name,
    Registry registry,
    CollectorMarks marks,
    Lineages lineages,
    Snapshots snapshots,
    Garbage garbage,
    ObjectStore objects,
    CopyFiles files) {}
