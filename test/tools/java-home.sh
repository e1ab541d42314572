#!/usr/bin/env bash
# Prints the JAVA_HOME of a JDK 25 or newer: $JAVA_HOME if it is one, else the oldest that fits under /usr/lib/jvm.
set -euo pipefail

# new_enough FOLDER: is it a JDK (not only a runtime) of version 25 or newer?
new_enough() {
  local version
  [ -x "$1/bin/javac" ] || return 1
  version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null)
  [ "${version:-0}" -ge 25 ]
}

for home in "${JAVA_HOME:-/nonexistent}" $(printf '%s\n' /usr/lib/jvm/* | sort -V); do
  if new_enough "$home"; then
    echo "$home"
    exit
  fi
done
echo "java-home: no JDK 25 or newer in JAVA_HOME or under /usr/lib/jvm; install one (for instance Temurin 25) or set JAVA_HOME" >&2
exit 1
