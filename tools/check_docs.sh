#!/usr/bin/env bash
# check_docs.sh [document...]: runs the command blocks of the README and the guides.
#
# Every ```sh block of a document runs, one after the other in one shell, in an empty folder where
# the top of the tree is linked in: what a reader would type there. A ```python block runs with a
# Python that has scikit-learn. What stands before a block, as an HTML comment on a line of its own,
# changes that:
#   <!-- not run: reason -->   neither it nor anything in it runs; the reason is in the report
#   <!-- shows an error -->    the server is meant to refuse a request; elsewhere that fails the block
#   <!-- needs a registry -->  localhost:5000 becomes a registry of the block's document's own; where
#                              Debian's docker-registry cannot be had, the block does not run
#   <!-- needs PyPI -->        where no package of it can be had, the block does not run
#   <!-- needs a cluster -->   the block runs only in the network of tools/cluster: make cluster-test
#
# Port 8080 becomes one that is free. Lines: `PASS`, `FAIL` or `SKIP`, file and line of the block.
set -euo pipefail

ROOT=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
VENV=$ROOT/build/docs/venv
PORT=18480
BLOCK_SECONDS=300
FAILED=0

# A Python that can run the guides' Python, made once; SOOTH_DOCS_PYTHON names another.
find_python() {
  local python
  for python in "${SOOTH_DOCS_PYTHON:-}" "$ROOT"/build/*/venv/bin/python \
    "$ROOT"/build/*/agreement/venv-1.9.1/bin/python; do
    if [ -n "$python" ] && "$python" -c 'import joblib, pandas, sklearn' 2>/dev/null; then
      printf '%s' "$python"
      return 0
    fi
  done
  {
    python3 -m venv "$VENV" &&
      "$VENV/bin/pip" install --quiet --retries 1 --timeout 20 scikit-learn pandas joblib
  } >"$ROOT/build/docs/venv.log" 2>&1 || return 1
  printf '%s' "$VENV/bin/python"
}

# The document as a script: each block with its marks around it. A block that asks for what is not
# there is skipped, and so is everything in the document that comes after it.
to_script() {  # document, port, python, registry
  awk -v document="$1" -v port="$2" -v python="$3" -v registry="$4" \
    -v cluster="${SOOTH_CLUSTER_REGISTRY:-}" -v pypi="$PYPI" '
    function start(where) { printf "printf \"@start %s\\n\" >&3\n", where }
    function done(where) { printf "printf \"@done %s\\n\" >&3\n", where }
    /^<!-- not run: .* -->$/ { reason = substr($0, 15, length($0) - 18); next }
    /^<!-- shows an error -->$/ { refused = 1; next }
    /^<!-- needs a registry -->$/ {
      if (registry == "") reason = "docker-registry cannot be had, or did not start"
      next
    }
    /^<!-- needs PyPI -->$/ {
      if (pypi == "") reason = "no package of PyPI can be had"
      next
    }
    /^<!-- needs a cluster -->$/ {
      if (cluster == "") reason = "it needs a cluster; make cluster-test runs it"
      next
    }
    !inside && /^```[a-z]+$/ {
      inside = 1
      kind = substr($0, 4)
      where = document ":" NR
      if (reason != "") {
        if (kind == "sh" || kind == "python") printf "printf \"@skip %s: %s\\n\" >&3\n", where, reason
        kind = "none"
      } else if (kind == "sh") {
        start(where)
        printf "CURL_FAIL=%s\n", refused ? "" : "--fail-with-body"
      } else if (kind == "python") {
        if (python == "") {
          printf "printf \"@skip %s: no Python with scikit-learn, and none could be made\\n\" >&3; exit 0\n", where
          kind = "none"
        } else {
          start(where)
          printf "%s - <<\"@end\"\n", python
        }
      }
      reason = refused = ""
      next
    }
    inside && /^```$/ {
      inside = 0
      if (kind == "python") print "@end"
      if (kind == "sh" || kind == "python") done(where)
      next
    }
    inside && (kind == "sh" || kind == "python") {
      gsub(/8080/, port)
      if (registry != "") gsub(/localhost:5000/, registry)
      print
      next
    }
    !inside && NF { reason = refused = "" }
  ' "$ROOT/$1"
}

free_port() {
  while (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; do PORT=$((PORT + 1)); done
}

# Says something where a package can be had from PyPI.
reaches_pypi() {  # folder
  python3 -m venv "$1" && "$1/bin/pip" download --no-deps --retries 1 --timeout 20 -d "$1" six
} >/dev/null 2>&1

# Debian's registry. Its package would start a service, so that it is unpacked and not installed.
find_registry() {
  local unpacked=$ROOT/build/docs/registry
  if command -v docker-registry; then return 0; fi
  if [ ! -x "$unpacked/usr/bin/docker-registry" ]; then
    mkdir -p "$unpacked"
    (cd "$unpacked" && apt-get -q download docker-registry && dpkg -x docker-registry_*.deb .) \
      >"$ROOT/build/docs/registry.log" 2>&1 || return 1
  fi
  printf '%s\n' "$unpacked/usr/bin/docker-registry"
}

# A registry that keeps what it is given in a folder, where one can be had: its address, and
# REGISTRY_ID to end it by.
start_registry() {  # folder
  local program
  REGISTRY=
  REGISTRY_ID=
  program=$(find_registry) || return 0
  PORT=$((PORT + 1))
  free_port
  mkdir "$1"
  printf 'version: 0.1\nstorage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: "127.0.0.1:%s"}\n' \
    "$1/blobs" "$PORT" >"$1/config.yml"
  "$program" serve "$1/config.yml" >"$1/log" 2>&1 &
  REGISTRY_ID=$!
  for _ in $(seq 50); do
    if curl -sf "http://127.0.0.1:$PORT/v2/" >/dev/null; then
      REGISTRY=127.0.0.1:$PORT
      return 0
    fi
    sleep 0.1
  done
}

check() {  # document
  local place marks log status=0 open
  place=$(mktemp -d)
  marks=$place/.marks
  log=$place/.log
  find "$ROOT" -mindepth 1 -maxdepth 1 ! -name .git -exec ln -s -t "$place" '{}' +
  REGISTRY=
  REGISTRY_ID=
  PYPI=
  if grep -q '^<!-- needs PyPI -->$' "$ROOT/$1" && reaches_pypi "$place/.pypi"; then PYPI=yes; fi
  if grep -q '^<!-- needs a registry -->$' "$ROOT/$1"; then start_registry "$place/.registry"; fi
  PORT=$((PORT + 1))
  free_port
  {
    printf 'set -euo pipefail\n'
    # curl takes an answer of 400 and more for a success unless told otherwise.
    printf 'curl() { command curl $CURL_FAIL "$@"; }\n'
    printf 'trap '\''jobs -p | xargs -r kill 2>/dev/null || true'\'' EXIT\n'
    to_script "$1" "$PORT" "$PYTHON" "$REGISTRY"
  } >"$place/.script"
  : >"$marks"
  # The reader's own workspace and logins stay as they are.
  (cd "$place" && XDG_DATA_HOME=$place/.data DOCKER_CONFIG=$place/.docker \
    PATH=$ROOT/build/release:$PATH timeout "$BLOCK_SECONDS" \
    bash .script 3>>"$marks" >"$log" 2>&1 </dev/null) || status=$?
  sed -n -e 's/^@done /PASS /p' -e 's/^@skip /SKIP /p' "$marks"
  if [ "$status" -ne 0 ]; then
    open=$(sed -n 's/^@start //p' "$marks" | tail -n 1)
    printf 'FAIL %s: exit status %d\n' "${open:-$1}" "$status"
    tail -n 20 "$log"
    FAILED=1
  fi
  if [ -n "$REGISTRY_ID" ]; then kill "$REGISTRY_ID" 2>/dev/null || true; fi
  rm -rf "$place"
}

mkdir -p "$ROOT/build/docs"
PYTHON=$(find_python) || PYTHON=
cd "$ROOT"
if [ $# -eq 0 ]; then set -- README.md CONTRIBUTING.md docs/*.md docs/guide/*.md; fi
for document; do
  if [ -f "$document" ]; then check "$document"; fi
done
exit "$FAILED"
