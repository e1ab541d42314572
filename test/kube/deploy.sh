#!/usr/bin/env bash
# Deploys the driver, a Redis and a MinIO in the test cluster by the manifests of the development overlay, and returns when the kubelet
# knows the driver and all pods are ready. May be run again after a change.
#
#   test/kube/deploy.sh
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

started=$SECONDS
"$kube/images.sh" controller node csi-provisioner csi-resizer csi-snapshotter redis minio workload
say "images are on the node after $((SECONDS - started)) s"

started=$SECONDS
kubectl apply -k "$kube/overlay"
ready() { # PART
  # A DaemonSet that is updated by hand has no rollout to wait for.
  case $1 in
    daemonset/*) kubectl -n juicebox wait --for=jsonpath='{.status.numberReady}'=1 "$1" --timeout=120s ;;
    *) kubectl -n juicebox rollout status "$1" --timeout=120s ;;
  esac
}

for part in deployment/redis deployment/minio deployment/juicebox-controller daemonset/juicebox-mounts daemonset/juicebox-node; do
  ready "$part" >&2 || {
    kubectl -n juicebox get pods -o wide
    kubectl -n juicebox get events --sort-by=.lastTimestamp | tail -n 20
    kubectl -n juicebox logs "$part" --all-containers --prefix --tail=20
    fail "$part is not ready"
  }
done

registered() { [[ $(kubectl get csinode "$node_name" -o jsonpath='{.spec.drivers[*].name}') == *csi.juicebox.io* ]]; }
await 180 kubelet "the driver's registration with the kubelet" registered
say "deployed after $((SECONDS - started)) s"
