/**
 * What a publication asks of a volume's Redis and object store, with the credentials of that volume
 * and nothing else: the proof that they work, the live sessions, the release of this node's own
 * dead ones.
 *
 * <p>It knows no mount and no target path.
 */
@NullMarked
package io.juicebox.node.proof;

import org.jspecify.annotations.NullMarked;
