#!/usr/bin/env bash
# check_tidy.sh [--quick]: clang-tidy over the C++ files, each by itself and without precompiled
# headers, with the flags of the asan build: a file that includes less than it needs is found here.
#
# --quick is what `make lint` runs: the checks that only look at the syntax (names, sizes of
# functions, constructors), on the product's files, several at a time as the other builds compile
# them. All of it takes thirty times as long, so it has a command of its own, `make check`.
# What was clean is not looked at again until it, a header it includes, or .clang-tidy changes.
set -euo pipefail

ROOT=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"
QUICK='-*,google-explicit-constructor,misc-definitions-in-headers,modernize-use-nullptr'
QUICK+=',modernize-use-override,readability-container-size-empty,readability-function-size'
QUICK+=',readability-identifier-naming'
PROFILE=full
OPTIONS=(--quiet)

# The files that are compiled, of this profile.
compiled() {
  sed -n 's/^ *"file": "\(.*\)",*$/\1/p' "$BUILD/compile_commands.json" | sed "s|^$ROOT/||" |
    if [ "$PROFILE" = quick ]; then
      grep -E '^src/|/Unity/' | grep -vE '_(test|fuzz)(\.cc|\.dir/)'
    else
      grep -E '^(src|tests|bench)/'
    fi | LC_ALL=C sort -u
}

# Each of these with all of the project's files that it includes, itself first, on one line.
closures() {
  {
    compiled
    find src tests bench -name '*.h' -o -name '*.cc' | LC_ALL=C sort
  } | awk '!seen[$0]++' | xargs awk -v root="$ROOT/" -v wanted="$(compiled | tr '\n' ' ')" '
    /^#include "/ {
      split($0, part, "\"")
      if (index(part[2], root) == 1) part[2] = substr(part[2], length(root) + 1)
      includes[FILENAME] = includes[FILENAME] " " part[2]
    }
    FNR == 1 { files[++count] = FILENAME; known[FILENAME] = 1 }
    function visit(file, from,    names, n, i, folder) {
      if (file in seen) return
      seen[file] = 1
      line = line " " file
      n = split(includes[file], names, " ")
      folder = file
      sub(/[^\/]*$/, "", folder)
      for (i = 1; i <= n; ++i) {
        if (names[i] in known) visit(names[i])
        else if (("src/" names[i]) in known) visit("src/" names[i])
        else if ((folder names[i]) in known) visit(folder names[i])
      }
    }
    END {
      n = split(wanted, names, " ")
      for (f = 1; f <= n; ++f) compile[names[f]] = 1
      for (f = 1; f <= count; ++f) {
        if (!(files[f] in compile)) continue
        line = ""
        split("", seen)
        visit(files[f])
        print substr(line, 2)
      }
    }'
}

# Lines of `key file`: the files of this profile that are not known to be clean.
unknown_files() {
  local line file key
  while read -r line; do
    file=${line%% *}
    # shellcheck disable=SC2086
    key=$(cat .clang-tidy tools/check_tidy.sh $line | cat - <(printf '%s %s' "$PROFILE" "$file") |
      sha256sum | cut -c 1-32)
    if [ ! -e "$CLEAN/$key" ]; then printf '%s %s\n' "$key" "$file"; fi
  done < <(closures)
}

one() {  # key, file
  local said
  if said=$(clang-tidy-14 -p "$BUILD" "${OPTIONS[@]}" "$2" 2>&1); then
    : >"$CLEAN/$1"
    printf 'PASS %s\n' "$2"
  else
    printf '%s\n' "FAIL $2
$said"
    return 1
  fi
}

if [ "${1:-}" = --quick ] || [ "${SOOTH_TIDY:-}" = quick ]; then
  PROFILE=quick
  OPTIONS+=("--checks=$QUICK")
  export SOOTH_TIDY=quick
  if [ "${1:-}" = --quick ]; then shift; fi
fi
BUILD=build/tidy/$PROFILE
CLEAN=$BUILD/clean
if [ "${1:-}" = one ]; then
  one "$2" "$3"
  exit
fi
mkdir -p "$CLEAN"
UNITY=OFF
if [ "$PROFILE" = quick ]; then UNITY=ON; fi
cmake --preset tidy -B "$BUILD" -D SOOTH_UNITY=$UNITY >"$BUILD/configure.log" 2>&1 || {
  cat "$BUILD/configure.log" >&2
  exit 1
}
cmake --build "$BUILD" --target wire_sources >"$BUILD/configure.log" 2>&1 || {
  cat "$BUILD/configure.log" >&2
  exit 1
}
# A failure stops nothing: all that is wrong is better seen at once.
unknown_files | xargs -r -P "$(nproc)" -n 2 tools/check_tidy.sh one
