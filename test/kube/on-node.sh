#!/usr/bin/env bash
# Runs a command on the node: with its mounts, processes and network.
#
#   test/kube/on-node.sh COMMAND...
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

alive "$(pid_of node)" || fail "the node is not up"
on_node "$@"
