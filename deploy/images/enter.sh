#!/usr/bin/env bash
# Runs a program in the root of an image much as a container has it: the root is read-only, /proc, /dev and /sys are there, /tmp
# cannot be written. One folder of this machine is there as well, under its own path, for what the program reads and writes.
#
#   deploy/images/enter.sh ROOT USER FOLDER PROGRAM [ARGUMENT ...]      FOLDER lies below /tmp
set -euo pipefail
export ROOT=$1 USER_ID=$2 FOLDER=$3
shift 3
exec unshare --mount --propagation private bash -euc '
  # Copies of FUSE mounts of others would keep alive a filesystem that its owner unmounts. Who unmounts one now is quicker.
  awk "\$0 ~ / - fuse/ { print \$5 }" /proc/self/mountinfo | while read -r point; do umount -l "$point" 2>/dev/null || true; done
  mount --bind "$ROOT" "$ROOT"
  mount -t proc proc "$ROOT/proc"
  mount --rbind /dev "$ROOT/dev"
  mount --rbind /sys "$ROOT/sys"
  mount -t tmpfs -o size=1m,mode=755 tmpfs "$ROOT/tmp"
  # A path outside /tmp would need a folder in the image.
  case $FOLDER in /tmp/*) ;; *) echo "enter: $FOLDER is not below /tmp" >&2; exit 2 ;; esac
  mkdir -p "$ROOT$FOLDER"
  mount --bind "$FOLDER" "$ROOT$FOLDER"
  mount -o remount,ro "$ROOT/tmp"
  mount -o remount,bind,ro "$ROOT"
  root=$ROOT user=$USER_ID
  unset ROOT USER_ID FOLDER LD_LIBRARY_PATH JAVA_HOME JAVA_TOOL_OPTIONS
  exec env PATH=/bin /usr/sbin/chroot --userspec="$user:$user" "$root" "$@"' enter "$@"
