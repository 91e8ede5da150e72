#!/usr/bin/env bash
# demo_kubernetes.sh [--once]
#
# From a trained model to a keyed web service on Kubernetes, in seven steps, each with its time: on a
# cluster of two nodes with a private registry and a gateway, which this script builds, starts and
# ends (tools/cluster). Without --once the service stays until Ctrl-C.
set -euo pipefail

ROOT=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"
# shellcheck source=tools/stages.sh
. tools/stages.sh

CLUSTER=tools/cluster/cluster.sh
WORK=$ROOT/build/demo-kubernetes
MODEL=demos/faq
HOST=faq.cluster.example
QUESTION='{"input": "how do I copy an object with nested objects in it", "top_k": 3}'
STEPS=0

# In the cluster's network this script calls itself, so that a step is the command that is shown.
if [ "${1:-}" = --inside ]; then
  export PATH=$ROOT/build/release:$PATH HOME=$WORK DOCKER_CONFIG=$WORK/docker
  export SOOTH_WORKSPACE=$WORK/workspace
  REGISTRY=$SOOTH_CLUSTER_REGISTRY
  CA=$SOOTH_CLUSTER_KEYS/ca.crt
fi

# step <title> <command...>: runs the command, shows what it says, and how long it took.
step() {
  local started ended
  printf '\n%d  %s\n   $ %s\n' "$((++STEPS))" "$1" "${SHOWN:-${*:2}}"
  started=$(date +%s%N)
  "${@:2}" >"$WORK/said" 2>&1 || {
    sed 's/^/   /' "$WORK/said"
    die 'the step failed'
  }
  ended=$(date +%s%N)
  tail -n "${LINES_SHOWN:-4}" "$WORK/said" | cut -c 1-110 | sed 's/^/     /'
  awk -v ns=$((ended - started)) 'BEGIN { printf "     %.2f s\n", ns / 1e9 }'
}

score() {  # with or without a key
  curl -sS --max-time 20 --retry 20 --retry-delay 1 --retry-connrefused --cacert "$CA" \
    --resolve "$HOST:443:$SOOTH_CLUSTER_GATEWAY" -w '\n%{http_code} in %{time_total} s\n' "$@" \
    "https://$HOST/score" -d "$QUESTION"
}

seven_steps() {
  rm -rf "$WORK"
  mkdir -p "$WORK"
  # What a platform team has prepared: a namespace that may pull, and a login that may push.
  kubectl create namespace shop >/dev/null
  kubectl -n shop create secret docker-registry pull --docker-server="$REGISTRY" \
    --docker-username=pull --docker-password=pull-password >/dev/null
  sooth login "$REGISTRY" --user push --password-stdin --ca-file "$CA" <<<push-password >/dev/null

  step 'Look at the model that Python trained' sooth inspect "$MODEL/model.joblib"
  step 'Register it: loaded without Python, proved, numbered' \
    sooth register "$MODEL" --name faq --alias champion
  step 'Build its image: no daemon, no root, the same bytes every time' \
    sooth build faq@champion -o "$WORK/faq.tar"
  step 'Push it to the private registry' \
    sooth push faq@champion "$REGISTRY/team/faq:1" --ca-file "$CA"
  step 'Make the keys of a client; only digests are kept' \
    sooth keys create faq --client shop
  awk '$1 == "primary" { print "Authorization: Bearer " $2 }' "$WORK/said" >"$WORK/key"
  LINES_SHOWN=3 step 'Deploy it, and wait until every copy is ready' \
    sooth deploy faq@champion --to sooth-cluster -n shop --repository "$REGISTRY/team/faq" \
    --ca-file "$CA" --pull-secret pull --host "$HOST" --gateway gateway/public \
    --client-namespace gateway --wait
  SHOWN="curl https://$HOST/score -H @key -d '$QUESTION'" \
    step 'Ask it over HTTPS, with the key' score -H "@$WORK/key"
  printf '\n   and without one:\n'
  score | sed 's/^/     /'
}

take_down() {
  printf '\nundeploy, and what is left of it:\n'
  sooth undeploy faq --to sooth-cluster -n shop | sed 's/^/     /'
  kubectl -n shop get all 2>&1 | sed 's/^/     /'
}

stay() {
  printf '\nTry it, in another terminal:\n  %s in curl --cacert %s \\\n' "$CLUSTER" "$CA"
  printf '    --resolve %s:443:%s https://%s/score \\\n' "$HOST" "$SOOTH_CLUSTER_GATEWAY" "$HOST"
  printf "    -H @%s -d '%s'\n" "$WORK/key" "$QUESTION"
  printf '  %s in kubectl -n shop get all\n\nCtrl-C ends it.\n' "$CLUSTER"
  trap 'printf "\nstopped\n"' INT TERM
  sleep infinity || true
}

inside() {
  seven_steps
  if [ "${1:-}" = --once ]; then take_down; else stay; fi
}

main() {
  local reason once=
  case "${1:-}" in
    '') ;;
    --once) once=--once ;;
    *) die 'usage: make demo ARGS="kubernetes [--once]"' ;;
  esac
  printf 'Sooth: from a model to a web service on Kubernetes\n'
  reason=$("$CLUSTER" check) || die "$reason"
  tools/install-packages.sh demo
  if [ ! -f build/release/build.ninja ]; then stage 'configure' cmake --preset demo; fi
  stage 'build' cmake --build build/release --target sooth
  stage 'build the cluster' "$CLUSTER" build
  trap '"$CLUSTER" down' EXIT
  stage 'start the cluster' "$CLUSTER" up
  "$CLUSTER" in tools/demo_kubernetes.sh --inside $once
}

if [ "${1:-}" = --inside ]; then inside "${2:-}"; else main "$@"; fi
