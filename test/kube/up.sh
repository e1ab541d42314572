#!/usr/bin/env bash
# Starts a real Kubernetes of one node, or those of its parts that do not run, and returns when the node is Ready.
# See README.md in this folder; down.sh is the way back.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
started=$SECONDS

((EUID == 0)) || fail "this needs root"
[ -x "$bin/kubelet" ] && [ -x "$bin/snapshot-controller" ] || fail "no Kubernetes in .tools/bin, run: make kube-tools"
case $run/ in /var/* | /run/*) fail "the node can't see $checkout: move the checkout out of /var and /run" ;; esac
[ -d "$run" ] || ! ip link show "$link" >/dev/null 2>&1 || fail "another checkout's cluster is up (there is a link $link): take another KUBE_INSTANCE"

mkdir -p "$run"/{logs,pids}
"$kube/certificates.sh"
. "$kube/control-plane.sh"
. "$kube/node.sh"

start_namespaces
connect
start_etcd
start_apiserver
start_containerd
"$kube/images.sh" base
await 90 apiserver "the API server" kubectl get --raw /readyz
start_controller_manager
start_scheduler
start_kubelet
start_proxy
start_dns
start_snapshot_controller
await 90 kubelet "the node" kubectl wait --for=condition=Ready "node/$node_name" --timeout=90s
await 60 controller-manager "the default service account" kubectl get serviceaccount default
say "Kubernetes is up after $((SECONDS - started)) s; to use it:"
echo "export KUBECONFIG=$KUBECONFIG KUBECACHEDIR=$KUBECACHEDIR PATH=$bin:\$PATH"
