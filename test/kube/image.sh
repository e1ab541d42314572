#!/usr/bin/env bash
# Writes one of the test cluster's images to FILE as an OCI archive, made with tar alone from programs of this machine. All
# but those of the sidecars have busybox and its links; those of servers are started as the manifests start the real ones.
#
#   test/kube/image.sh base|redis|minio|csi-provisioner|csi-resizer|csi-snapshotter|workload FILE
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

name=$1 file=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
entrypoint='' variables='"PATH=/bin:/usr/bin"' library=none

# with_libraries FILE...: adds what programs and libraries are linked to, where the loader looks for it. What links to a
# neighbour of its own ($ORIGIN) has it already.
with_libraries() {
  local library
  # ldd fails for what is linked to nothing.
  { ldd "$@" 2>/dev/null || true; } | awk '/=> \// { print $3 } $1 ~ /^\// && $1 !~ /:$/ { print $1 }' | sort -u |
    while read -r library; do
      [[ $library == "$work"/* ]] || install -D -m 755 "$(realpath "$library")" "root$library"
    done
}

# program FILE...: adds programs to /bin, and what they are linked to.
program() {
  install -m 755 "$@" root/bin/
  with_libraries "$@"
}

# It sleeps by itself, so that it serves as the pause image of every pod, too.
root_base() {
  local link
  entrypoint='"/bin/sleep", "infinity"'
  install -m 755 "$(command -v busybox)" root/bin/busybox
  for link in $(root/bin/busybox --list); do [ "$link" = busybox ] || ln -s busybox "root/bin/$link"; done
}

root_redis() {
  root_base
  program "$(realpath "$bin/redis-cli")"
  install -m 755 "$(realpath "$bin/redis-server")" root/bin/redis-server
  with_libraries root/bin/redis-server
}

root_minio() {
  root_base
  program "$bin/minio"
}

root_csi-provisioner() { sidecar; }
root_csi-resizer() { sidecar; }
root_csi-snapshotter() { sidecar; }

sidecar() {
  entrypoint="\"/$name\""
  install -m 755 "$bin/$name" root/
}

# What applications in test pods need: a shell, git, Python with the packages of .tools/venv. Python's files keep their times, which the
# compiled ones beside them have inside.
root_workload() {
  local python=$checkout/.tools/venv/bin/python packages
  root_base
  program "$(command -v git)"
  mkdir -p root/usr/{lib,share}
  cp -a "$(git --exec-path)" root/usr/lib/
  cp -a /usr/share/git-core root/usr/share/
  library=$("$python" -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
  packages=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  mkdir -p "root$library"
  tar -C "$library" --exclude=./{site-packages,test,idlelib,tkinter,ensurepip,lib2to3} --exclude='./config-*' -c . | tar -C "root$library" -x
  mkdir -p "root$library/site-packages"
  tar -C "$packages/" --exclude=./{pip,setuptools} --exclude=tests -c . | tar -C "root$library/site-packages" -x
  program "$(realpath "$python")"
  ln -s "$(basename "$(realpath "$python")")" root/bin/python3
  mapfile -t libraries < <(find "root$library" -name '*.so*' -type f)
  with_libraries "${libraries[@]}"
  variables+=", \"PYTHONHOME=${library%/lib/*}\", \"HOME=/tmp\", \"PYTHONDONTWRITEBYTECODE=1\""
}

packed() { tar --sort=name --owner=0 --group=0 --numeric-owner --format=gnu "$@"; }

# add FILE: moves it to where the archive keeps it, and describes it as other parts refer to it.
add() {
  local digest size
  digest=$(sha256sum "$1" | cut -d' ' -f1)
  size=$(stat -c %s "$1")
  mv "$1" "image/blobs/sha256/$digest"
  echo "\"digest\": \"sha256:$digest\", \"size\": $size"
}

mkdir -p image/blobs/sha256 root/{bin,dev,etc,proc,sys,tmp}
chmod 1777 root/tmp
"root_$name"
printf '%s\n' root:x:0:0:root:/:/bin/sh user:x:1000:1000:user:/tmp:/bin/sh >root/etc/passwd
find root -path "root$library" -prune -o -exec touch -h -d @0 {} +
packed -C root -cf layer .

oci=application/vnd.oci.image
cat >config <<J
{"architecture": "$(dpkg --print-architecture)", "os": "linux",
 "config": {"Entrypoint": [$entrypoint], "Env": [$variables]},
 "rootfs": {"type": "layers", "diff_ids": ["sha256:$(sha256sum layer | cut -d' ' -f1)"]}}
J
cat >manifest <<J
{"schemaVersion": 2, "mediaType": "$oci.manifest.v1+json",
 "config": {"mediaType": "$oci.config.v1+json", $(add config)},
 "layers": [{"mediaType": "$oci.layer.v1.tar", $(add layer)}]}
J
cat >image/index.json <<J
{"schemaVersion": 2, "manifests": [{"mediaType": "$oci.manifest.v1+json", $(add manifest),
  "annotations": {"io.containerd.image.name": "juicebox.test/$name:1"}}]}
J
echo '{"imageLayoutVersion": "1.0.0"}' >image/oci-layout
packed --mtime=@0 -C image -cf "$file.part" .
mv "$file.part" "$file"
