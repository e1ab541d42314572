#!/usr/bin/env bash
# Gives the node an image from an OCI archive (a docker archive works, too) that holds the image's full name, in its index
# as the annotation io.containerd.image.name. There is no registry: pods that use it have imagePullPolicy Never.
#
#   test/kube/import.sh ARCHIVE
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

alive "$(pid_of containerd)" || fail "the cluster is not up"
# From standard input: the node does not see every folder of this machine.
on_node ctr -n k8s.io images import - <"$1" | sed 's/^unpacking \(.*\) (sha256.*/kube: image \1/'
