/**
 * The mount service as a process of its own, and what its clients call it with: the program, its
 * gRPC service, {@link io.juicebox.node.service.RemoteMounts}, and the command for operators.
 *
 * <p>It knows nothing of publications and of CSI. The contract is {@code mountservice.proto}.
 */
@NullMarked
package io.juicebox.node.service;

import org.jspecify.annotations.NullMarked;
