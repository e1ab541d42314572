#!/usr/bin/env bash
# Starts a cluster, deploys the driver in it, runs the tests that need a kubelet, and removes all of it. Ends with one line:
# N passed, N failed. A cluster that is already up is used, and stays up.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

if alive "$(pid_of node)"; then
  say "using the cluster that is up"
else
  # What the parts said is worth having when a test has failed.
  finish() {
    local code=$?
    if ((code != 0)); then
      rm -rf "$checkout/.run/kube-logs"
      cp -r "$run/logs" "$checkout/.run/kube-logs" && say "the cluster's logs are in .run/kube-logs"
    fi
    # Quiet, so that the counts are the last line.
    down=$("$kube/down.sh" 2>&1) || { echo "$down"; code=1; }
    exit "$code"
  }
  trap finish EXIT
fi

cd "$checkout"
"$kube/up.sh" >/dev/null
# The controller's parts are tested before there is a controller that does the same; the last stage removes the driver.
test/run.sh kube-parts deploy kube examples rbac uninstall || exit 1
