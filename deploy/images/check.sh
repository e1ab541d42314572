#!/usr/bin/env bash
# Starts both programs in the roots of their images and takes one volume from its creation to its end: see Rehearsal.java. Needs
# root, and what `make tools build` makes.
#
#   deploy/images/check.sh [FOLDER]           what build.sh has built in the folder
#   deploy/images/check.sh train [FOLDER]     writes controller.classes and node.classes anew; then build again
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
how=check
if [ "${1:-}" = train ]; then
  how=train
  shift
fi
out=$(realpath -m "${1:-$here/target}")
cd "$here/../.."
java_home=$(test/tools/java-home.sh)
exec "$java_home/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp test/target/juicebox-test.jar \
  "$here/Rehearsal.java" "$how" "$here" "$out"
