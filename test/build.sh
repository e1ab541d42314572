#!/usr/bin/env bash
# Packages everything without running tests, unless nothing has changed since the last time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

built=test/target/juicebox-test.jar
sources=(pom.xml .mvn csi controller node test/pom.xml test/servers test/src)
if [ -e "$built" ] && [ -z "$(find "${sources[@]}" -name target -prune -o -type f -newer "$built" -print -quit)" ]; then
  exit
fi
echo "building ..."
started=$SECONDS
mvn -q -B --no-transfer-progress -Dstyle.color=never -T 2 package -DskipTests
touch "$built"
echo "built in $((SECONDS - started)) s"
