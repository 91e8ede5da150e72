#!/usr/bin/env bash
# install-packages.sh demo|image|test|bench|conformance [--check]
#
# Installs what tools/packages.apt lists for the demonstration, for it and the one of pictures, for the
# first and the tests, for these and `make server-bench`, or for `make conformance` alone, and is not
# installed yet. Says nothing where nothing is missing. With --check it installs nothing: status 0
# where nothing is missing, 3 where something is and could be installed, 1 where it could not.
# SOOTH_PACKAGES=ignore leaves the machine's packages to its owner.
set -euo pipefail

ROOT=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
LIST=$ROOT/tools/packages.apt
MISSING=()
AS_ROOT=()

die() {
  printf '%s\n' "$*" >&2
  exit 1
}

find_missing() {
  local kinds=$1 wanted
  mapfile -t wanted < <(awk -v kinds="$kinds" '$1 ~ "^(" kinds ")$" { print $2 }' "$LIST")
  mapfile -t MISSING < <(
    # dpkg-query names on stderr those it has never heard of; they are missing like the others.
    dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null |
      awk '$2 == "installed" { print $1 }' | sort -u |
      comm -13 - <(printf '%s\n' "${wanted[@]}" | sort -u))
}

system_name() {
  # shellcheck disable=SC1091
  (. /etc/os-release && printf '%s' "${PRETTY_NAME:-unknown}") 2>/dev/null || printf 'unknown'
}

is_debian_12() {
  # shellcheck disable=SC1091
  (. /etc/os-release && [ "${ID:-}" = debian ] && [ "${VERSION_ID:-}" = 12 ]) 2>/dev/null
}

find_root() {
  if [ "$(id -u)" -eq 0 ]; then return 0; fi
  if command -v sudo >/dev/null; then
    # Asks for a password where a person can give one.
    if sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }; then
      AS_ROOT=(sudo)
      return 0
    fi
  fi
  die "missing packages: ${MISSING[*]}
Installing them needs root. As root run

  apt-get update && apt-get install -y --no-install-recommends ${MISSING[*]}

and then try again."
}

apt() {
  # `env`, because sudo does not pass the environment on.
  "${AS_ROOT[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y \
    -o DPkg::Lock::Timeout=300 -o Acquire::Retries=2 -o Acquire::http::Timeout=20 \
    -o APT::Update::Error-Mode=any "$@"
}

main() {
  case "${1:-}" in
    demo) kinds=demo ;;
    image) kinds='demo|image' ;;
    test) kinds='demo|test' ;;
    bench) kinds='demo|test|bench' ;;
    conformance) kinds=conformance ;;
    *) die 'usage: install-packages.sh demo|image|test|bench|conformance [--check]' ;;
  esac
  if [ "${SOOTH_PACKAGES:-}" = ignore ]; then return 0; fi
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    die "this machine ($(system_name)) has no apt; the packages of tools/packages.apt are for Debian 12.
Where all of them are installed in another way, set SOOTH_PACKAGES=ignore."
  fi
  find_missing "$kinds"
  if [ "${#MISSING[@]}" -eq 0 ]; then return 0; fi
  if ! is_debian_12; then
    die "missing packages: ${MISSING[*]}
The list (tools/packages.apt) is for Debian 12; this is $(system_name).
Install their likes, or set SOOTH_PACKAGES=ignore where they are installed in another way."
  fi
  find_root
  if [ "${2:-}" = --check ]; then return 3; fi

  printf 'installing %d packages: %s\n' "${#MISSING[@]}" "${MISSING[*]}"
  updated=1
  apt update || updated=0
  if ! apt install --no-install-recommends "${MISSING[@]}"; then
    if [ "$updated" -eq 0 ]; then
      die "the lists of packages could not be fetched: is this machine online?
Not installed: ${MISSING[*]}"
    fi
    die "apt-get could not install: ${MISSING[*]}"
  fi
}

main "$@"
