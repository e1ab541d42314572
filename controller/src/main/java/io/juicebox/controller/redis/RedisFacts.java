package io.juicebox.controller.redis;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a Redis server says of itself. Empty is what it would not say.
 *
 * @param version of the protocol: Valkey says the Redis version that it stands for
 * @param mode {@code standalone}, {@code sentinel} or {@code cluster}
 * @param role {@code master} or {@code slave}
 * @param databases how many it has
 * @param policy what it does when its memory is full
 * @param appendOnly whether it has an append-only file
 * @param writeError whether the last write to its append-only file failed
 * @param appendFsync when it makes that file durable
 * @param aclFile where it keeps its users over a restart, blank for nowhere
 * @param maxClients how many connections it takes
 */
public record RedisFacts(
    String version,
    String mode,
    String role,
    int databases,
    MemoryUse memory,
    String policy,
    boolean appendOnly,
    boolean writeError,
    Optional<String> appendFsync,
    Optional<String> aclFile,
    OptionalInt maxClients) {}
