#!/usr/bin/env bash
# check_format.sh [--fix]: whether clang-format would leave every C++ file as it is.
set -euo pipefail
cd -P "$(dirname "${BASH_SOURCE[0]}")/.."

mode=(--dry-run -Werror)
if [ "${1:-}" = --fix ]; then mode=(-i); fi
find src tests bench -name '*.cc' -o -name '*.h' | grep -v -e /unicode_tables.cc |
  xargs -P "$(nproc)" -n 16 clang-format-14 "${mode[@]}"
