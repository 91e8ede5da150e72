#!/usr/bin/env bash
# What clusters have beside Kubernetes, as processes of the control plane: a private registry over
# TLS with passwords, names (CoreDNS), usage of pods (metrics-server), a gateway (Contour and Envoy).
set -euo pipefail
# shellcheck source=tools/cluster/env.sh
. "$(dirname "$0")/env.sh"

apply() { as_admin apply --server-side -f "$@" >/dev/null; }

start_registry() {
  cat >"$RUN/registry.yml" <<END
version: 0.1
log: {level: warn}
storage:
  filesystem: {rootdirectory: $RUN/registry}
http:
  addr: $REGISTRY
  tls: {certificate: $KEYS/registry.crt, key: $KEYS/registry.key}
auth:
  htpasswd: {realm: cluster, path: $KEYS/passwords}
END
  start control registry docker-registry serve "$RUN/registry.yml"
}

start_names() {
  apply "$HERE/manifests/names.yaml"
  cat >"$RUN/Corefile" <<END
.:53 {
  bind $CONTROL
  errors
  ready 127.0.0.1:8181
  cache 5
  kubernetes cluster.local {
    kubeconfig $KEYS/admin.conf sooth-cluster
  }
}
END
  start control coredns coredns -conf "$RUN/Corefile"
}

start_metrics() {
  sed "s|CA_BUNDLE|$(base64 -w0 "$KEYS/ca.crt")|" "$HERE/manifests/metrics.yaml" |
    as_admin apply --server-side -f - >/dev/null
  # Ten seconds is the least that it takes.
  start control metrics metrics-server --kubeconfig="$KEYS/admin.conf" \
    --authentication-kubeconfig="$KEYS/admin.conf" --authorization-kubeconfig="$KEYS/admin.conf" \
    --bind-address="$CONTROL" --secure-port=4443 --tls-cert-file="$KEYS/metrics.crt" \
    --tls-private-key-file="$KEYS/metrics.key" --kubelet-preferred-address-types=InternalIP \
    --kubelet-certificate-authority="$KEYS/ca.crt" --metric-resolution=10s \
    --kubelet-request-timeout=5s
}

start_gateway() {
  apply "$CACHE/definitions"
  as_admin wait --for=condition=Established crd --all --timeout=60s >/dev/null
  apply "$HERE/manifests/gateway.yaml"
  as_admin -n gateway create secret tls gateway --cert="$KEYS/gateway.crt" \
    --key="$KEYS/gateway.key" >/dev/null
  printf 'gateway: {gatewayRef: {namespace: gateway, name: public}}\n' >"$RUN/contour.yaml"
  start control contour contour serve --no-incluster --kubeconfig="$KEYS/admin.conf" \
    --config-path="$RUN/contour.yaml" --insecure --disable-leader-election \
    --xds-address=127.0.0.1 --xds-port=8001 --http-address=127.0.0.1 \
    --health-address=127.0.0.1 --debug-http-address=127.0.0.1 --stats-address=127.0.0.1 \
    --stats-port=8002 --envoy-service-http-address="$CONTROL" --envoy-service-http-port=8080 \
    --envoy-service-https-address="$CONTROL" --envoy-service-https-port=8443 \
    --disable-feature=tlsroutes --disable-feature=tcproutes --disable-feature=backendtlspolicies
  contour bootstrap --xds-address 127.0.0.1 --xds-port 8001 \
    --admin-address "$RUN/envoy-admin.sock" "$RUN/envoy.json"
  start control envoy envoy -c "$RUN/envoy.json" --service-cluster gateway \
    --service-node gateway --log-level warn --concurrency 1
}

start_registry
start_names
start_metrics
start_gateway
wait_for 60 in_network curl -s --cacert "$KEYS/ca.crt" -o /dev/null "https://$REGISTRY/v2/"
wait_for 60 in_network curl -sf -o /dev/null http://127.0.0.1:8181/ready
wait_for 90 as_admin wait --for=condition=Available apiservice/v1beta1.metrics.k8s.io --timeout=1s
wait_for 90 as_admin -n gateway wait --for=condition=Programmed gateway/public --timeout=1s
