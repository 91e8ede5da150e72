#!/usr/bin/env bash
# test.sh: builds and runs every test, in this order:
#   format, release build and all of its tests, the documents beside the next build, the rooms'
#   tests with the address and undefined behaviour sanitizers, those of the rooms with threads with
#   the thread sanitizer, the fuzz targets.
# Stops at the first stage that fails. The last lines say how many passed, failed and were skipped,
# and why those were.
set -euo pipefail

ROOT=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"
# shellcheck source=tools/stages.sh
. tools/stages.sh

FUZZ_SECONDS=${FUZZ_SECONDS:-30}
TEST_SECONDS=600  # Of one test program.
RESULTS=build/logs/results
export ASAN_SYMBOLIZER_PATH=/usr/bin/llvm-symbolizer-14
export TSAN_OPTIONS=external_symbolizer_path=/usr/bin/llvm-symbolizer-14
export UBSAN_OPTIONS=print_stacktrace=1

count() { grep -c "^$1 " "$RESULTS" || true; }

finish() {  # status
  local skipped
  end_stage_processes
  skipped=$(count SKIP)
  printf '\n'
  if [ "$skipped" -gt 0 ]; then
    printf 'skipped:\n'
    # Many cases with one reason are one line.
    sed -n 's/^SKIP //p' "$RESULTS" | awk -F ': ' '
      {
        reason = substr($0, length($1) + 3)
        if (!(reason in cases)) { order[++n] = reason; first[reason] = $1 }
        ++cases[reason]
      }
      END {
        for (i = 1; i <= n; ++i) {
          r = order[i]
          more = cases[r] - 1
          printf "  %s%s: %s\n", first[r], (more > 0 ? " and " more " more" : ""), r
        }
      }'
    printf '\n'
  fi
  if [ "$1" -ne 0 ]; then printf '%s\n\n' "FAILED after $(clock "$SECONDS")"; fi
  printf '%d passed, %d failed, %d skipped\n' "$(count PASS)" "$(count FAIL)" "$skipped"
  exit "$1"
}

# A stage without tests of its own: the end where it fails.
step() {
  if run_stage "$@"; then return 0; fi
  show_failure
  finish 1
}

take_results() {  # from the log of the stage, lines that start with PASS, FAIL or SKIP
  grep -E '^(PASS|FAIL|SKIP) ' "$STAGE_LOG" >>"$RESULTS" || true
}

# A stage whose log has lines PASS, FAIL, SKIP.
checks() {
  local status=0
  run_stage "$@" || status=$?
  judge_checks "$status"
}

# The same of what start_beside began.
checks_beside() {
  local status=0
  end_beside || status=$?
  judge_checks "$status"
}

judge_checks() {  # status
  local status=$1
  take_results
  if [ "$status" -ne 0 ]; then
    grep -v '^PASS ' "$STAGE_LOG" | tail -n 120 >&2
    finish 1
  fi
}

# A stage of ctest: name, preset, regular expression of the tests.
tests() {
  local status=0
  run_stage "$1" ctest --test-dir "build/$2" -V -j "$CORES" --timeout "$TEST_SECONDS" \
    --no-tests=error -R "$3" || status=$?
  awk -f tools/ctest_summary.awk "$STAGE_LOG" | sed "s/^\([A-Z]* \)/\1$2\//" >>"$RESULTS"
  if [ "$status" -ne 0 ]; then
    awk -v failures=1 -f tools/ctest_summary.awk "$STAGE_LOG" | head -n 400 >&2
    finish 1
  fi
}

# The rooms that have tests, and of them those whose tests run threads of theirs. Child processes
# and sleeping are none; cli starts the threads of others, which their own tests look at.
rooms() { find src -name '*_test.cc' | cut -d / -f 2 | LC_ALL=C sort -u; }
threaded_rooms() {
  local room threads='"threads/(gate|guarded|parallel|snapshot)|"serve/work_queue|"net/server|<(mutex|atomic)>'
  for room in $(rooms | grep -vx cli); do
    if find "src/$room" \( -name '*.h' -o -name '*.cc' \) ! -name '*_test.cc' ! -name 'test_*' \
      -print0 | xargs -0 grep -qsE "^#include ($threads|<boost/asio)|std::j?thread[ (]"; then
      printf '%s\n' "$room"
    fi
  done
}
# What sanitizers need not see: tests of a Python that runs beside, and of tables that are asked for
# every character there is; and, of rooms with threads, long tests of one thread and, of the largest,
# suites whose threads TransferTest, RegisterTest and VersionImageTest start already.
UNSANITIZED='VerifyTest.*:QuantizeAgreementTest.*:UnicodeTest.AgreesWithEachPythonOnEveryCodePoint'
UNTHREADED="$UNSANITIZED:BaseImageTest.*:BasePushTest.*:BuildTest.*:DifferenceTest.*:ExamplesTest.*"
UNTHREADED+=':MlflowSignatureTest.*:MlmodelTest.*:SourceTest.*:SeriesTest.*:JsonBombsTest.*'
UNTHREADED+=':RateLimitTest.MillionsOfNamesGainNoFreshBursts:KeySetTest.HasLimits'
as_pattern() { printf '^(%s)$' "$(tr '\n' '|' | sed 's/|$//')"; }
as_targets() { sed 's/$/_test/'; }

build() {  # preset, targets...
  local preset=$1
  shift
  step "$preset: configure" cmake --preset "$preset"
  step "$preset: build" cmake --build "build/$preset" --target "$@"
}

main() {
  local status=0
  mkdir -p build/logs
  : >"$RESULTS"
  printf 'Testing on %d cores; logs in build/logs\n' "$CORES"
  tools/install-packages.sh test --check || status=$?
  case $status in
    0) ;;
    3) step 'install packages' tools/install-packages.sh test ;;
    *) exit "$status" ;;
  esac

  step 'format' tools/check_format.sh
  build release all
  tests 'release: tests' release .
  # Mostly waits: for servers, and for packages of Python.
  start_beside 'documents' tools/check_docs.sh

  # shellcheck disable=SC2046
  build asan $(rooms | as_targets) $(tools/fuzz.sh targets)
  checks_beside
  GTEST_FILTER="-$UNSANITIZED" tests 'asan: tests' asan "$(rooms | as_pattern)"
  # shellcheck disable=SC2046
  build tsan $(threaded_rooms | as_targets)
  GTEST_FILTER="-$UNTHREADED" tests 'tsan: tests' tsan "$(threaded_rooms | as_pattern)"
  checks 'fuzz: kept corpus' tools/fuzz.sh replay
  checks "fuzz: $FUZZ_SECONDS s" tools/fuzz.sh run "$FUZZ_SECONDS"
  printf '\nall of it took %s\n' "$(clock "$SECONDS")"
  finish 0
}

main "$@"
