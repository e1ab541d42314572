#!/usr/bin/env bash
# Gives the node images by their names; builds those that are missing or older than what is in them. Those of image.sh are
# kept in .tools/images, the driver's two, controller and node, where deploy/images/build.sh puts them.
#
#   test/kube/images.sh NAME...
#   test/kube/images.sh build NAME...      only builds them, for which no cluster need be up
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

kept=$checkout/.tools/images
ours=$checkout/deploy/images
log=$checkout/.tools/log/images.log
mkdir -p "$kept"

# Of programs the time is enough: they are pinned.
made_of() {
  cat "$kube/image.sh" "$checkout"/.tools/installed/*
  stat -c '%n %Y' "$(command -v busybox)" "$(command -v git)" "$(realpath "$bin/redis-server")"
}

made_of_ours() {
  cd "$checkout"
  sha256sum {controller,node}/target/juicebox-*.jar {controller,node}/target/lib/* {controller,node}/jvm.options
  find deploy/images -maxdepth 1 -type f ! -name '*.md' ! -name Rehearsal.java ! -name check.sh ! -name Dockerfile -exec sha256sum {} + | sort -k 2
}

# up_to_date RECORD ARCHIVE MADE_OF
up_to_date() { [ -e "$2" ] && [ "$(cat "$1" 2>/dev/null)" = "$3" ]; }

build() { # NAME: sets archive
  local sum
  case $1 in
    controller | node)
      archive=$ours/target/juicebox-$1.oci.tar
      sum=$(made_of_ours | sha256sum)
      up_to_date "$ours/target/made-of" "$archive" "$sum" && return
      say "building the driver's images, which takes a minute or two ..."
      "$ours/build.sh" >"$log" 2>&1 || { tail -n 15 "$log" >&2; fail "the driver's images, see $log"; }
      echo "$sum" >"$ours/target/made-of"
      ;;
    *)
      archive=$kept/$1.tar
      sum=$(made_of | sha256sum)
      up_to_date "$kept/$1.made-of" "$archive" "$sum" && return
      "$kube/image.sh" "$1" "$archive"
      echo "$sum" >"$kept/$1.made-of"
      ;;
  esac
}

give=1
if [ "$1" = build ]; then
  give=0
  shift
fi
for name; do
  build "$name"
  ((give)) || continue
  mkdir -p "$run/images"
  # The node's disk lasts as long as this record of what is on it.
  given=$(stat -c '%s %y' "$archive")
  [ "$(cat "$run/images/$name" 2>/dev/null)" != "$given" ] || continue
  "$kube/import.sh" "$archive"
  echo "$given" >"$run/images/$name"
done
