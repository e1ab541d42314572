package io.juicebox.node.publish;

import io.juicebox.node.mount.Mount;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What a call sees of its volume and its target before it decides.
 *
 * @param place the target with its parent directory resolved
 * @param mount the volume's mount on this node
 * @param recorded what an earlier call on this target asked for
 * @param others what the volume's publications at other targets were asked to be; empty where
 *     nothing can be bound, so that nobody asks
 */
record Sight(
    Path place,
    TargetState state,
    Optional<Mount> mount,
    Optional<Arguments> recorded,
    Map<Path, Arguments> others) {}
