#!/usr/bin/env bash
# Runs a program where another one is that enter.sh started, in the same root and with the same mounts: in a cluster, mounts get from
# one container of the node image to another.
#
#   deploy/images/join.sh PID PROGRAM [ARGUMENT ...]
set -euo pipefail
pid=$1
shift
exec env -u LD_LIBRARY_PATH -u JAVA_HOME -u JAVA_TOOL_OPTIONS PATH=/bin \
  "$(command -v nsenter)" --target "$pid" --mount --root --wd -- "$@"
