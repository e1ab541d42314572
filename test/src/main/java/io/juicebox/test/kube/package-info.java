/**
 * Tests on a real kubelet: the driver in pods, by its own manifests, on the cluster of {@code
 * test/kube}.
 */
@NullMarked
package io.juicebox.test.kube;

import org.jspecify.annotations.NullMarked;
