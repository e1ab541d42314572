#!/usr/bin/env bash
# Runs stages one after the other, whatever each comes to, and ends with what failed, a line each beginning with
# "failed: ", a line of counts for each stage, and one line: N passed, N failed.
#
#   test/run.sh [--soak] STAGE ...      JAVA_HOME is set
#
# Each stage appends its "name passed failed" to a file; a stage that leaves no line counts as one failure.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

faults=(KillJuicefsTest LazyUnmountTest)
java=("$JAVA_HOME/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1)
if [ "${1:-}" = --soak ]; then
  java+=(-Dsoak=true)
  faults=()
  shift
fi
java+=(-jar test/target/juicebox-test.jar)

results=$(mktemp)
output=$(mktemp)
trap 'rm -f "$results" "$output"' EXIT
export JUICEBOX_RESULTS=$results

# The tests of the modules: Maven packages everything and runs those whose tags fit. Counts are those of surefire's
# reports; a test that was skipped has not passed.
modules() { # STAGE TAGS
  find . -type d -path '*/target/surefire-reports' -exec rm -rf {} +
  mvn -q -B --no-transfer-progress -Dstyle.color=never -T 2 package "-Dgroups=$2" -Dmaven.test.failure.ignore=true ||
    return 1
  touch test/target/juicebox-test.jar
  find . -path '*/target/surefire-reports/TEST-*.xml' -exec awk -v stage="$1" '
    /<testsuite / {
      match($0, / tests="[0-9]+"/); tests += substr($0, RSTART + 8, RLENGTH - 9)
      match($0, / errors="[0-9]+"/); bad += substr($0, RSTART + 9, RLENGTH - 10)
      match($0, / skipped="[0-9]+"/); bad += substr($0, RSTART + 10, RLENGTH - 11)
      match($0, / failures="[0-9]+"/); bad += substr($0, RSTART + 11, RLENGTH - 12)
    }
    END { print stage, tests - bad, bad + 0 }' {} + >>"$results"
}

script() { # NAME: a check of the cluster that counts as one test
  if "test/kube/$1.sh"; then echo "$1 1 0" >>"$results"; else echo "$1 0 1" >>"$results"; fi
}

run() {
  case $1 in
    # Every test of a module is in one of these two and in no other: what has no tag is in unit.
    unit) modules unit '!real' ;;
    parts) modules parts real ;;
    sanity) "${java[@]}" sanity ;;
    # The next need the cluster of test/kube, see test/kube/test.sh.
    kube-parts) modules kube-parts kube ;;
    deploy | examples | rbac | uninstall) script "$1" ;;
    # The quick ones; `make faults` and a soak have all, with the bounds of a machine that has nothing else to do.
    faults) "${java[@]}" stage "$1" "${faults[@]}" ;;
    *) "${java[@]}" stage "$1" ;;
  esac
}

failures=
for stage; do
  echo "=== $stage"
  started=$SECONDS
  run "$stage" </dev/null 2>&1 | tee "$output"
  code=${PIPESTATUS[0]}
  # As a stage of ours names its failures, as surefire does, and as the cluster's scripts do.
  failures+=$(sed -nE "s/^(FAILED |\\[ERROR\\]   ?|kube: failed: )([A-Za-z].*)/failed: $stage: \\2/p" "$output" | cut -c 1-300)$'\n'
  if ! grep -q "^$stage " "$results"; then
    echo "$stage ended with $code and no result"
    echo "$stage 0 1" >>"$results"
  fi
  awk -v stage="$stage" -v time=$((SECONDS - started)) \
    '$1 == stage { printf "=== %s: %d passed, %d failed in %d s\n\n", stage, $2, $3, time }' "$results"
  # Without the programs no later stage can run; each counts as failed.
  if [ "$stage" = unit ] && [ $code -ne 0 ]; then
    shift
    for later; do echo "$later 0 1" >>"$results"; done
    break
  fi
done

grep . <<<"$failures"
awk '{ printf "%-10s %5d passed %3d failed\n", $1, $2, $3; passed += $2; failed += $3 }
  END { printf "%d passed, %d failed\n", passed, failed; exit !(passed > 0 && failed == 0) }' "$results"
