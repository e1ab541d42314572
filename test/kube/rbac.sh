#!/usr/bin/env bash
# Shows what the driver's service accounts may do, that they use all of it, and what they are refused. Needs deploy.sh.
#
#   test/kube/rbac.sh
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

namespace=rbac
accounts=(juicebox-controller juicebox-node default)
in_namespace() { kubectl -n "$namespace" "$@"; }

claim() { # NAME CLASS [SOURCE]
  in_namespace apply -f - <<Y
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: $1}
spec: {storageClassName: $2, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}, dataSource: ${3:-null}}
Y
}

snapshot() { # NAME CLAIM
  in_namespace apply -f - <<Y
apiVersion: snapshot.storage.k8s.io/v1
kind: VolumeSnapshot
metadata: {name: $1}
spec: {volumeSnapshotClassName: juicebox, source: {persistentVolumeClaimName: $2}}
Y
}

# Snapshots and copies of the claim "used".
exercise_copies() {
  snapshot kept used
  in_namespace wait --for=jsonpath='{.status.readyToUse}'=true volumesnapshot/kept --timeout=60s
  claim restored juicebox '{apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: kept}'
  claim cloned juicebox '{kind: PersistentVolumeClaim, name: used}'
  await 180 apiserver "a claim from a snapshot" bound restored
  await 180 apiserver "a claim from a claim" bound cloned
  in_namespace delete volumesnapshot --all --timeout=60s
}

bound() { [ "$(in_namespace get pvc "$1" -o jsonpath='{.status.phase}')" = Bound ]; }
grown() { [ "$(in_namespace get pvc "$1" -o jsonpath='{.status.capacity.storage}')" = "$2" ]; }
no_volume() { [ -z "$(kubectl get pv -o jsonpath="{.items[?(@.spec.claimRef.namespace=='$namespace')].metadata.name}")" ]; }
untainted() { [[ $(kubectl get node "$node_name" -o jsonpath='{.spec.taints}') != *juicebox* ]]; }

# Makes all the calls that the driver ever makes.
exercise() {
  kubectl create namespace "$namespace"
  trap 'kubectl delete namespace "$namespace" --wait=false; kubectl delete storageclass rbac-wrong rbac-late' EXIT
  kubectl apply -f - <<Y
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: rbac-wrong}
provisioner: csi.juicebox.io
parameters: {compression: best}
Y
  kubectl apply -f - <<Y
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: rbac-late}
provisioner: csi.juicebox.io
volumeBindingMode: WaitForFirstConsumer
parameters:
  csi.storage.k8s.io/node-publish-secret-name: \${pv.name}
  csi.storage.k8s.io/node-publish-secret-namespace: juicebox
Y
  claim refused rbac-wrong
  # A controller that begins looks at all nodes; later it looks at a node whose driver has registered.
  for part in controller node; do
    kubectl taint node "$node_name" csi.juicebox.io/agent-not-ready:NoExecute
    kubectl -n juicebox delete pod -l "app.kubernetes.io/component=$part"
    await 180 apiserver "the end of the startup taint" untainted
  done
  kubectl -n juicebox rollout status deployment/juicebox-controller --timeout=90s
  claim used juicebox
  await 180 apiserver "a bound claim" bound used
  exercise_copies
  # Twice, so that an event is counted up.
  for size in 2Gi 3Gi; do
    in_namespace patch pvc used -p '{"spec": {"resources": {"requests": {"storage": "'$size'"}}}}'
    await 180 apiserver "the expansion" grown used "$size"
  done
  kubectl -n juicebox exec deployment/juicebox-controller -c controller -- \
    /jre/bin/java @/app/jvm.options -jar /app/juicebox-controller.jar rotate "$(in_namespace get pvc used -o jsonpath='{.spec.volumeName}')"
  # For this pod a node was chosen before there was a volume.
  claim late rbac-late
  in_namespace apply -f - <<Y
apiVersion: v1
kind: Pod
metadata: {name: late}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - {name: main, image: $base_image, volumeMounts: [{name: data, mountPath: /data}]}
  volumes: [{name: data, persistentVolumeClaim: {claimName: late}}]
Y
  in_namespace wait --for=condition=Ready pod/late --timeout=60s
  in_namespace delete pod late
  in_namespace delete pvc --all
  await 180 apiserver "the volume's end" no_volume
}

# answer YES_OR_NO ACCOUNT VERB RESOURCE [ARGUMENT ...]: whether the account may do that.
wrong=0
answer() {
  local expected=$1 account=$2 said
  shift 2
  said=$(kubectl auth can-i "$@" --as="system:serviceaccount:juicebox:$account" 2>/dev/null) || true
  printf '%-3s  %-20s %s\n' "$said" "$account" "$*"
  [ "$said" = "$expected" ] || { echo "rbac: $account: $*: expected $expected" >&2; wrong=1; }
}

refusals() {
  local account
  for account in "${accounts[@]}"; do
    answer no "$account" get secrets --all-namespaces
    answer no "$account" list secrets --all-namespaces
    answer no "$account" list secrets -n juicebox
    answer no "$account" patch secrets -n juicebox
    answer no "$account" create pods --all-namespaces
    answer no "$account" create pods --subresource=exec --all-namespaces
    answer no "$account" list pods --all-namespaces
    answer no "$account" delete pods --all-namespaces
    answer no "$account" get configmaps --all-namespaces
    answer no "$account" update nodes
    answer no "$account" delete nodes
    answer no "$account" patch nodes --subresource=status
    answer no "$account" get nodes --subresource=proxy
    answer no "$account" create persistentvolumeclaims --all-namespaces
    answer no "$account" patch persistentvolumeclaims --all-namespaces
    answer no "$account" delete persistentvolumeclaims --all-namespaces
    answer no "$account" create volumesnapshots.snapshot.storage.k8s.io --all-namespaces
    answer no "$account" delete volumesnapshots.snapshot.storage.k8s.io --all-namespaces
    answer no "$account" create volumesnapshotcontents.snapshot.storage.k8s.io
    answer no "$account" delete volumesnapshotcontents.snapshot.storage.k8s.io
    answer no "$account" update volumesnapshotclasses.snapshot.storage.k8s.io
    answer no "$account" update storageclasses
    answer no "$account" update csidrivers
    answer no "$account" delete events --all-namespaces
    answer no "$account" update leases -n kube-system
    answer no "$account" update leases/another -n juicebox
    answer no "$account" create serviceaccounts --subresource=token --all-namespaces
    answer no "$account" create clusterrolebindings
    answer no "$account" escalate clusterroles
    answer no "$account" impersonate users
  done
  for account in juicebox-node default; do
    answer no "$account" update secrets -n juicebox
    answer no "$account" list nodes
    answer no "$account" patch nodes
    answer no "$account" list persistentvolumes
    answer no "$account" list persistentvolumeclaims --all-namespaces
    answer no "$account" create events --all-namespaces
    answer no "$account" create leases -n juicebox
    answer no "$account" get secrets -n juicebox
    answer no "$account" create secrets -n juicebox
  done
}

# What RBAC lets the controller patch of a node, and the admission policy does not.
node_patches() {
  local patch said
  for patch in '{"metadata": {"labels": {"rbac": "x"}}}' '{"metadata": {"annotations": {"rbac": "x"}}}' '{"spec": {"unschedulable": true}}' \
    '{"spec": {"taints": [{"key": "rbac", "effect": "NoExecute"}]}}'; do
    said=$(kubectl patch node "$node_name" --dry-run=server -p "$patch" --as=system:serviceaccount:juicebox:juicebox-controller 2>&1) || true
    [[ $said == *"juicebox-controller-nodes"*denied* ]] || { echo "rbac: the controller may patch $patch: $said" >&2; wrong=1; }
    echo "no   juicebox-controller  patch nodes $patch"
  done
}

# Only the node's pods, the plugin and the mount service, may need more than PodSecurity "restricted" grants.
restricted() {
  local warned
  warned=$(kubectl label --dry-run=server --overwrite namespace juicebox pod-security.kubernetes.io/enforce=restricted 2>&1 >/dev/null)
  echo "$warned"
  # Pods that violate the same are told as one of them and a number.
  [[ $(grep '^Warning: .*: ' <<<"$warned") =~ ^"Warning: juicebox-"(mounts|node)"-"[a-z0-9]*" (and 1 other pod): "[^$'\n']*privileged[^$'\n']*$ &&
    $(privileged) == "mounts node" ]] ||
    { echo "rbac: not the node's pods alone violate \"restricted\"" >&2; wrong=1; }
}

# The components of the pods that are privileged.
privileged() {
  kubectl -n juicebox get pods -o json | python3 -c '
import json, sys
print(*sorted(pod["metadata"]["labels"]["app.kubernetes.io/component"] for pod in json.load(sys.stdin)["items"]
              if any(c.get("securityContext", {}).get("privileged") for c in pod["spec"]["containers"])))'
}

exercise >&2
echo "--- what each account may do, and which program did it how often"
kubectl get clusterroles,clusterrolebindings,roles,rolebindings -A -o json |
  python3 "$kube/rbac.py" "$run/logs/audit.log" juicebox "$kube/rbac-unused.txt" || wrong=1
echo "--- what each account is refused"
refusals
node_patches
echo "--- what PodSecurity \"restricted\" says of the namespace"
restricted
((wrong == 0)) || fail "rbac: wrong, see above"
say "rbac: all rights are used, all else is refused"
