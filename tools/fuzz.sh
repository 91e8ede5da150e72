#!/usr/bin/env bash
# fuzz.sh replay|run <seconds>
#
# The fuzz targets of build/asan. `replay` runs each on its kept corpus; `run` searches on from
# there with all targets and all cores for that many seconds together, at least three a target.
# What is found lands in build/asan/fuzz: the repository's corpus is only read.
# Prints a line a target; a target that found something is followed by what it said.
set -euo pipefail

ROOT=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"
WORK=build/asan/fuzz
LEAST_SECONDS=1

# Each src/<room>/<thing>_fuzz.cc is the target <room>_<thing>_fuzz.
targets() {
  local file
  for file in src/*/*_fuzz.cc; do
    printf '%s_%s\n' "$(basename "$(dirname "$file")")" "$(basename "$file" .cc)"
  done
}

options() {
  printf '%s\n' -timeout=10 -rss_limit_mb=2048 -malloc_limit_mb=1024 -print_final_stats=0 \
    -verbosity=0 "-artifact_prefix=$WORK/crashes/$1-"
}

one() {  # replay|run, seconds, target
  local kept=tests/fuzz/corpus/$3 found=$WORK/corpus/$3 log=$WORK/$3.log arguments=() status=0
  mkdir -p "$found" "$WORK/crashes"
  mapfile -t arguments < <(options "$3")
  if [ "$1" = replay ]; then
    arguments+=(-runs=0)
    if [ -d "$kept" ]; then arguments+=("$kept"); else arguments+=("$found"); fi
  else
    # New inputs are written to the first folder only.
    arguments+=("-max_total_time=$2" -reload=0 "$found")
    if [ -d "$kept" ]; then arguments+=("$kept"); fi
  fi
  "build/asan/$3" "${arguments[@]}" >"$log" 2>&1 || status=$?
  if [ "$status" -eq 0 ]; then
    printf 'PASS %s\n' "$3"
    return 0
  fi
  # One write, so that targets that run at once do not mix.
  printf '%s\n' "FAIL $3
$(tail -n 40 "$log")"
  return 1
}

main() {
  case "${1:-}" in
    targets) targets && return ;;
    one)
      one "$2" "$3" "$4" || exit 1
      return
      ;;
    replay | run) ;;
    *) printf 'usage: fuzz.sh replay | run <seconds>\n' >&2 && exit 2 ;;
  esac
  local cores count each
  cores=$(nproc)
  count=$(targets | wc -l)
  each=$((${2:-0} * cores / count))
  if [ "$each" -lt "$LEAST_SECONDS" ]; then each=$LEAST_SECONDS; fi
  targets | xargs -P "$cores" -I '{}' tools/fuzz.sh one "$1" "$each" '{}'
}

export ASAN_OPTIONS=${ASAN_OPTIONS:-symbolize=1}
export ASAN_SYMBOLIZER_PATH=${ASAN_SYMBOLIZER_PATH:-/usr/bin/llvm-symbolizer-14}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
main "$@"
