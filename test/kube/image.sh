#!/usr/bin/env bash
# Writes the test cluster's one image to FILE as an OCI archive, made with tar alone: busybox and its links. Its entry
# point sleeps, so that it serves as the pause image of every pod, too.
#
#   test/kube/image.sh FILE
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

file=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

reproducible_tar() { tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner "$@"; }

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
cp "$(command -v busybox)" root/bin/busybox
for name in $(root/bin/busybox --list); do [ "$name" = busybox ] || ln -s busybox "root/bin/$name"; done
echo root:x:0:0:root:/:/bin/sh >root/etc/passwd
reproducible_tar -C root -cf layer .

oci=application/vnd.oci.image
cat >config <<J
{"architecture": "$(dpkg --print-architecture)", "os": "linux",
 "config": {"Entrypoint": ["/bin/sleep", "infinity"], "Env": ["PATH=/bin"]},
 "rootfs": {"type": "layers", "diff_ids": ["sha256:$(sha256sum layer | cut -d' ' -f1)"]}}
J
cat >manifest <<J
{"schemaVersion": 2, "mediaType": "$oci.manifest.v1+json",
 "config": {"mediaType": "$oci.config.v1+json", $(add config)},
 "layers": [{"mediaType": "$oci.layer.v1.tar", $(add layer)}]}
J
cat >image/index.json <<J
{"schemaVersion": 2, "manifests": [{"mediaType": "$oci.manifest.v1+json", $(add manifest),
  "annotations": {"io.containerd.image.name": "$base_image"}}]}
J
echo '{"imageLayoutVersion": "1.0.0"}' >image/oci-layout
reproducible_tar -C image -cf "$file.part" .
mv "$file.part" "$file"
