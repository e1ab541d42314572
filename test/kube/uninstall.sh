#!/usr/bin/env bash
# Uninstalls the driver as deploy/kubernetes/README.md says, and looks everywhere for anything that is left of it.
#
#   test/kube/uninstall.sh
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

left=0
none() { # WHAT COMMAND...: there must be no line that names the driver
  local what=$1 found
  shift
  found=$("$@" 2>/dev/null | grep -iE 'juicebox|juicefs') || return 0
  echo "kube: left after the uninstall: $what: $found" >&2
  left=1
}

kubectl delete -k "$kube/overlay" --timeout=120s
kubectl apply -k "$kube/uninstall"
kubectl -n juicebox-uninstall rollout status daemonset/uninstall --timeout=60s
kubectl delete -k "$kube/uninstall" --timeout=60s

kinds=$(kubectl api-resources --verbs=list -o name | grep -v '^events' | paste -sd, -)
none objects kubectl get "$kinds" -A -o name
none "in nodes" kubectl get nodes,csinodes -o jsonpath='{.items[*].metadata}{.items[*].spec}'
none mounts on_node grep fuse /proc/self/mountinfo
none processes on_node pgrep -a '^(java|juicefs)'
none cgroups find /sys/fs/cgroup/*/"$cgroup" -mindepth 1 -name '*juice*' -printf '%P\n'
# What the container runtime keeps are images. Logs of pods are the kubelet's, which removes them a little later.
none "on the node" on_node find /var /run -xdev -regextype egrep -regex '/(var/log|var/lib/containerd|run/containerd)' -prune -o -name '*juice*' -print
((left == 0)) || exit 1
say "uninstalled, nothing left"
