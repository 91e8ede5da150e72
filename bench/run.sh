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
leader=fastapi
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
  sklearn)
    what=estimators/main
    leader=sklearn
    peers=sklearn
    programs=sooth_plan_bench
    export PYTHONPATH=bench
    shift
    ;;
  image)
    what=image/main
    leader=image
    peers=image
    programs="sooth sooth_load sooth_bare_load sooth_engine_load sooth_overhead_bench"
    programs="$programs sooth_prepare_bench sooth_batch_bench"
    export PYTHONPATH=bench:bench/server
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

# Without torch its rows are left out.
if [ "$what" = image/main ] && [ ! -e "$venvs/torch/complete" ]; then
  echo "bench: installing bench/requirements/torch.txt, which takes minutes"
  rm -rf "${venvs:?}/torch"
  pip="$venvs/torch/bin/pip install -q --disable-pip-version-check"
  stand_ins=python/tests/frameworks/cuda_stand_ins.py
  # shellcheck disable=SC2086 # Words.
  "$python" -m venv "$venvs/torch" && $pip -r bench/requirements/torch.txt &&
    $pip --no-deps -r bench/requirements/torch-alone.txt &&
    "$python" "$stand_ins" "$(echo "$venvs"/torch/lib/python3.*/site-packages)" &&
    "$venvs/torch/bin/python" -c 'import torch' && touch "$venvs/torch/complete" ||
    echo "bench: torch cannot be had, and is left out" >&2
fi

# Where SOOTH_BUILD names a build folder, it is taken as it is.
if [ -z "${SOOTH_BUILD:-}" ]; then
  SOOTH_BUILD=build/release
  cmake --preset release >/dev/null
  # shellcheck disable=SC2086 # Words.
  cmake --build "$SOOTH_BUILD" --target $programs
fi

export PYTHONDONTWRITEBYTECODE=1
# One thread for everybody who is compared by CPU time; networks have the threads they choose.
[ "$what" = image/main ] || export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
exec "$venvs/$leader/bin/python" -W ignore "bench/$what.py" --build "$SOOTH_BUILD" \
  --venvs "$venvs" "$@"
