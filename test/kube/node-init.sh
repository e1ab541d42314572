#!/usr/bin/env bash
# Process 1 of the node: up.sh starts it in namespaces of its own (mounts, processes, network, host name, IPC) as a
# container would have them. It prepares them, says so with the file `ready`, and then only reaps orphans. When it is
# killed, the kernel ends every process and mount of the node with it.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

# While /proc is still the machine's, our number in it.
read -r pid _ </proc/self/stat
echo "$pid" >"$run/pids/node"

# A filesystem lives until the last copy of its mount is gone, and we got copies of all: drop those that are no part of
# the system itself, so that others can end theirs.
while read -r _ _ _ _ target _; do
  printf -v target %b "$target"
  case $target in
    / | /dev | /dev/* | /proc | /proc/* | /sys | /sys/*) ;;
    *) [[ $run/ == "$target"/* ]] || umount --lazy --no-canonicalize "$target" ;;
  esac
done < <(tac /proc/self/mountinfo)

mount -t proc proc /proc
# What a pod mounts with Bidirectional propagation must reach the other pods. The namespace was made private first, so
# nothing reaches the machine.
mount --make-rshared /
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p "$node_root"/{lib/{kubelet,containerd,cni},log/{pods,containers},tmp}
chmod 1777 "$node_root/tmp"
ln -sfn /run "$node_root/run"
mount --bind "$node_root" /var

# The kubelet insists on these and would change them for the whole machine; here it reads them as it wants them.
sysctl() {
  local file=$run/sysctl/$1
  echo "$2" >"$file"
  mount --bind "$file" "/proc/sys/${1//.//}"
}
mkdir -p "$run/sysctl"
sysctl vm.overcommit_memory 1
sysctl vm.panic_on_oom 0
sysctl kernel.panic 10
sysctl kernel.panic_on_oops 1
sysctl kernel.keys.root_maxkeys 1000000
sysctl kernel.keys.root_maxbytes 25000000

hostname "$node_name"
ip link set lo up
touch "$run/ready"
while :; do
  sleep infinity &
  wait
done
