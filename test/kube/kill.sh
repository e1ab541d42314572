#!/usr/bin/env bash
# Kills parts of the cluster by their names in .run/kube/pids, and returns when they are gone; up.sh starts them again.
# `kill.sh node` is a power cut of the node: its processes, mounts and network are gone, its disk is as it was.
#
#   test/kube/kill.sh NAME...
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

for name; do
  alive "$(pid_of "$name")" || fail "$name does not run; there are: $(cd "$run/pids" && echo *)"
done
end "$@"
