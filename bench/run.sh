#!/bin/sh
# Measures Sooth against Python and writes bench/results; see bench/README.md.
# The first run needs the network, for Python packages; they are kept in
# ~/.cache/sooth/bench.
set -eu
cd "$(dirname "$0")/.."
venvs=${XDG_CACHE_HOME:-$HOME/.cache}/sooth/bench/venvs
python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "bench: expected Python 3.11 or newer, got $("$python" -V); set PYTHON" >&2
  exit 1
}
what=main
peers="azureml fastapi"
programs="sooth sooth_score_bench sooth_load"
case "${1:-}" in
  delivery)
    what=delivery
    shift
    ;;
  server)
    what=server/main
    peers="$peers mosec triton mlserver"
    programs="sooth sooth_load sooth_open_load sooth_epoll_server sooth_hot_swaps"
    # Its Python half finds what all benchmarks share beside its folder.
    export PYTHONPATH=bench
    shift
    ;;
esac
for name in $peers; do
  [ -e "$venvs/$name/complete" ] && continue
  echo "bench: installing bench/requirements/$name.txt"
  rm -rf "${venvs:?}/$name"
  "$python" -m venv "$venvs/$name"
  "$venvs/$name/bin/pip" install -q --disable-pip-version-check \
    -r "bench/requirements/$name.txt" || {
    echo "bench: cannot install the Python peers; the first run needs a package index" >&2
    exit 1
  }
  touch "$venvs/$name/complete"
done

# Where SOOTH_BUILD names a build folder, it is taken as it is.
if [ -z "${SOOTH_BUILD:-}" ]; then
  SOOTH_BUILD=build/release
  cmake --preset release >/dev/null
  # shellcheck disable=SC2086 # Words.
  cmake --build "$SOOTH_BUILD" --target $programs
fi

# One thread for everybody who is compared by CPU time.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1
exec "$venvs/fastapi/bin/python" -W ignore "bench/$what.py" --build "$SOOTH_BUILD" \
  --venvs "$venvs" "$@"
