/**
 * Everything that the controller says to the API server of Kubernetes, and the only package that
 * sees its client. Without Kubernetes none of it is loaded; with it no call waits for it, and an
 * API server that is away costs a log line.
 *
 * <p>Rights that it needs, cluster-wide:
 *
 * <table>
 * <caption>rights</caption>
 * <tr><th>group, resource</th><th>verbs</th><th>for</th></tr>
 * <tr><td>storage.k8s.io csinodes</td><td>list, watch</td><td>to learn on which nodes the driver
 * runs</td></tr>
 * <tr><td>nodes</td><td>get, list, patch</td><td>to find the startup taint, on one node or on all
 * of them, and to remove it</td></tr>
 * <tr><td>events</td><td>create, patch</td><td>to say on a PersistentVolumeClaim why its volume
 * fails, and how often</td></tr>
 * </table>
 *
 * <p>Several controllers may do all this at once, without a leader. A taint is removed by a patch
 * that applies only to the list of taints it was made for: of two the second one changes nothing.
 * An event is told by the controller that answered the failed call, and nobody else knows of it.
 */
@NullMarked
package io.juicebox.controller.kube;

import org.jspecify.annotations.NullMarked;
