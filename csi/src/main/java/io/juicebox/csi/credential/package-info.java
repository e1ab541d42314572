/**
 * Credentials of volumes as files, for use without Kubernetes: the controller writes them, nodes
 * read them.
 */
@NullMarked
package io.juicebox.csi.credential;

import org.jspecify.annotations.NullMarked;
