#!/usr/bin/env bash
# Applies the examples of deploy/kubernetes in a namespace under PodSecurity "restricted", looks into their volumes, and deletes all of it. Needs
# deploy.sh.
#
#   test/kube/examples.sh
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

namespace=examples
examples=$checkout/deploy/kubernetes/examples
mine() { kubectl -n "$namespace" "$@"; }
of_volume() { kubectl get pv "$volume" -o jsonpath="{.spec.csi.$1}"; }
no_volumes() { [ -z "$(kubectl get pv -o jsonpath="{.items[?(@.spec.claimRef.namespace=='$namespace')].metadata.name}")" ]; }

expect() { # EXPECTED COMMAND...
  local expected=$1 output
  shift
  output=$("$@" 2>&1) || true
  [[ $output == *"$expected"* ]] || fail "expected \"$expected\" from $*: $output"
}

# What the cluster says when something does not come.
finish() {
  local code=$?
  if ((code != 0)); then
    mine get pods,pvc -o wide || true
    mine get events --sort-by=.lastTimestamp | tail -n 20 || true
    kubectl -n juicebox get pods -o wide || true
  fi
  kubectl delete namespace "$namespace" --wait=false >/dev/null
}

kubectl create namespace "$namespace"
kubectl label namespace "$namespace" pod-security.kubernetes.io/enforce=restricted
trap finish EXIT
mine apply -k "$kube/examples"
mine rollout status statefulset/worker --timeout=180s
mine wait --for=condition=Ready pod/sandbox pod/scratch --timeout=180s
expect UTC mine exec sandbox -- cat /workspace/started
expect UTC mine exec scratch -- cat /scratch/started
expect worker-1 mine exec worker-1 -- cat /data/names
say "examples: pod, StatefulSet and ephemeral volume run"

# A fork of the sandbox's volume, which lives on when the sandbox writes and when its snapshot is gone.
started=$(mine exec sandbox -- cat /workspace/started)
sed 's#image: busybox#image: juicebox.test/base:1#' "$examples/fork.yaml" | mine apply -f -
mine wait --for=condition=Ready pod/fork --timeout=180s
mine exec sandbox -- sh -c 'echo later >>/workspace/started'
mine delete volumesnapshot golden --timeout=180s
expect "$started" mine exec fork -- cat /workspace/started
expect forked mine exec fork -- cat /workspace/started
! mine exec fork -- grep later /workspace/started || fail "the fork has what was written after its snapshot"
! mine exec sandbox -- grep forked /workspace/started || fail "the sandbox has what its fork wrote"
say "examples: a fork has the files of the snapshot, and its own"

# A clone of it as it is now, without a snapshot.
now=$(mine exec sandbox -- cat /workspace/started)
sed 's#image: busybox#image: juicebox.test/base:1#' "$examples/clone.yaml" | mine apply -f -
mine wait --for=condition=Ready pod/clone --timeout=180s
mine exec sandbox -- sh -c 'echo afterwards >>/workspace/started'
expect "$now" mine exec clone -- cat /workspace/started
expect cloned mine exec clone -- cat /workspace/started
! mine exec clone -- grep afterwards /workspace/started || fail "the clone has what was written after it was made"
! mine exec sandbox -- grep cloned /workspace/started || fail "the sandbox has what its clone wrote"
say "examples: a clone has the files of its claim, and its own"

# The sandbox's volume under another claim.
volume=$(mine get pvc workspace -o jsonpath='{.spec.volumeName}')
kubectl patch pv "$volume" -p '{"spec": {"persistentVolumeReclaimPolicy": "Retain"}}'
values=(-e "s/SECRET/$(of_volume nodePublishSecretRef.name)/" -e "s/HANDLE/$(of_volume volumeHandle)/" -e "s/namespace: default/namespace: $namespace/")
for attribute in uuid number lineage bucket; do
  values+=(-e "s/${attribute^^}/$(of_volume "volumeAttributes.$attribute")/")
done
before=$(mine exec sandbox -- cat /workspace/started)
mine delete pod/sandbox pvc/workspace
kubectl delete pv "$volume"
sed "${values[@]}" "$examples/static.yaml" | kubectl apply -f -
kubectl kustomize "$kube/examples" | sed 's/claimName: workspace/claimName: existing/' | mine apply -f -
mine wait --for=condition=Ready pod/sandbox --timeout=180s
expect "$before" mine exec sandbox -- cat /workspace/started
say "examples: an existing volume has its files under another claim"

# The StatefulSet takes its claims with it.
kubectl annotate pv existing pv.kubernetes.io/provisioned-by=csi.juicebox.io
kubectl patch pv existing -p '{"spec": {"persistentVolumeReclaimPolicy": "Delete"}}'
mine delete statefulset --all --timeout=180s
mine delete pod,pvc --all --timeout=180s
await 180 apiserver "the volumes' end" no_volumes
say "examples: passed, no volume is left"
