#!/usr/bin/env bash
# check_tidy.sh [--quick]: clang-tidy over the C++ files, with the flags of the asan build, but
# without its precompiled headers: a file that includes less than it needs is found here.
#
# A file that was clean is not looked at again until it, a header it includes, or .clang-tidy
# changes. --quick is what `make test` runs: the checks that only look at the syntax (names, sizes
# of functions, constructors), on the product's files; the rest follows values through the code and
# takes ten times as long, so it has a command of its own, `make check`.
set -euo pipefail

ROOT=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"
BUILD=build/tidy
CLEAN=$BUILD/clean
QUICK='-*,google-explicit-constructor,misc-definitions-in-headers,modernize-use-nullptr'
QUICK+=',modernize-use-override,readability-container-size-empty,readability-function-size'
QUICK+=',readability-identifier-naming'
PROFILE=full
OPTIONS=(--quiet -p "$BUILD")

# Every file with all of the project's files that it includes, itself among them, on one line.
closures() {
  find src tests bench -name '*.h' -o -name '*.cc' | LC_ALL=C sort | xargs awk '
    /^#include "/ {
      split($0, part, "\"")
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
        if (("src/" names[i]) in known) visit("src/" names[i])
        else if ((folder names[i]) in known) visit(folder names[i])
      }
    }
    END {
      for (f = 1; f <= count; ++f) {
        if (files[f] !~ /\.cc$/) continue
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
    if ! grep -q "\"file\": \".*/$file\"" "$BUILD/compile_commands.json"; then continue; fi
    if [ "$PROFILE" = quick ] && [[ $file != src/* || $file =~ _(test|fuzz)\.cc$ ]]; then continue; fi
    # shellcheck disable=SC2086
    key=$(cat .clang-tidy tools/check_tidy.sh $line | cat - <(printf '%s %s' "$PROFILE" "$file") |
      sha256sum | cut -c 1-32)
    if [ ! -e "$CLEAN/$key" ]; then printf '%s %s\n' "$key" "$file"; fi
  done < <(closures)
}

one() {  # key, file
  local said
  if said=$(clang-tidy-14 "${OPTIONS[@]}" "$2" 2>&1); then
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
if [ "${1:-}" = one ]; then
  one "$2" "$3"
  exit
fi
mkdir -p "$CLEAN"
cmake --preset tidy >"$BUILD/configure.log" 2>&1 || {
  cat "$BUILD/configure.log" >&2
  exit 1
}
# A failure stops nothing: all that is wrong is better seen at once.
unknown_files | xargs -r -P "$(nproc)" -n 2 tools/check_tidy.sh one
