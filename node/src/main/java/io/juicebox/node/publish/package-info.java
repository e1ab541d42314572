/**
 * Publications: a volume's mount made to appear at the target paths that the CO names, and taken
 * away again.
 *
 * <p>Looks at the world, decides with a pure function ({@link
 * io.juicebox.node.publish.PublishPlan}, {@link io.juicebox.node.publish.UnpublishPlan}) and acts
 * so that a call after a crash between any two steps repairs it. How a volume is mounted belongs to
 * {@code mount}, how credentials are proven to {@code proof}; of both this package knows the
 * interfaces only.
 */
@NullMarked
package io.juicebox.node.publish;

import org.jspecify.annotations.NullMarked;
