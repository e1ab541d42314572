/**
 * The vocabulary that both programs share: identifiers, capacities, parameters, and what travels
 * with a volume from CreateVolume to NodePublishVolume.
 *
 * <p>Values only. This package knows neither gRPC nor the specification's generated classes, and
 * does no I/O.
 */
@NullMarked
package io.juicebox.csi.volume;

import org.jspecify.annotations.NullMarked;
