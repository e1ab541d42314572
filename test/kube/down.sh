#!/usr/bin/env bash
# Ends what up.sh started and removes all of it, then looks whether anything is left. Volumes are not unmounted in order:
# for the node this is a power cut, so delete pods and claims before, where that matters.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

[ -d "$run" ] || { say "not up"; exit 0; }

# With process 1 of the node go all its processes, mounts and network, the link to it among them.
end node dns dnsmasq snapshot-controller scheduler controller-manager apiserver etcd

# The last reference to a network namespace is dropped in the background.
ip link delete "$link" 2>/dev/null || true
remove_cgroups
! grep -F " $run/" /proc/self/mountinfo >&2 || fail "mounts are left"

# The driver makes folders that even root cannot remove as they are.
rm -rf --one-file-system "$run" 2>/dev/null || {
  chattr -R -f -i "$node_root/lib" || true
  rm -rf --one-file-system "$run"
}
rmdir "$checkout/.run" 2>/dev/null || true

left=$(pgrep -af "$run/" | grep -v "^$$ " || true)
[ -z "$left" ] || fail "processes are left: $left"
! ip link show "$link" 2>/dev/null || fail "the link $link is left"
say "down, nothing left"
