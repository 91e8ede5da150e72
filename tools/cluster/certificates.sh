#!/usr/bin/env bash
# Makes the cluster's authorities, certificates and kubeconfigs, and the registry's, in $KEYS.
set -euo pipefail
# shellcheck source=tools/cluster/env.sh
. "$(dirname "$0")/env.sh"
unset LD_LIBRARY_PATH

DAYS=30
NEW_KEY=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)

authority() {  # file, name
  openssl req -x509 "${NEW_KEY[@]}" -days "$DAYS" -subj "/CN=$2" -keyout "$1.key" -out "$1.crt" \
    2>/dev/null
}

certificate() {  # file, authority, subject, names and addresses
  openssl req "${NEW_KEY[@]}" -subj "$3" -keyout "$1.key" -out "$1.request" 2>/dev/null
  openssl x509 -req -in "$1.request" -CA "$2.crt" -CAkey "$2.key" -days "$DAYS" \
    -set_serial "0x$(openssl rand -hex 8)" -out "$1.crt" -extfile <(
      printf 'extendedKeyUsage=serverAuth,clientAuth\n'
      if [ -n "${4:-}" ]; then printf 'subjectAltName=%s\n' "$4"; fi
    ) 2>/dev/null
  rm "$1.request"
}

kubeconfig() {  # user, context
  cat >"$1.conf" <<END
apiVersion: v1
kind: Config
current-context: $2
clusters:
  - name: $2
    cluster:
      server: https://$CONTROL:6443
      certificate-authority-data: $(base64 -w0 ca.crt)
contexts:
  - name: $2
    context: {cluster: $2, user: $1}
users:
  - name: $1
    user:
      client-certificate-data: $(base64 -w0 "$1.crt")
      client-key-data: $(base64 -w0 "$1.key")
END
}

rm -rf "$KEYS"
mkdir -p "$KEYS"
cd "$KEYS"
authority ca sooth-cluster
authority front sooth-cluster-front
server=IP:127.0.0.1,IP:$CONTROL,IP:${SERVICES%.*}.1,DNS:localhost
for name in kubernetes kubernetes.default kubernetes.default.svc; do server+=,DNS:$name; done
certificate apiserver ca /CN=kube-apiserver "$server"
certificate admin ca /O=system:masters/CN=admin
certificate manager ca /CN=system:kube-controller-manager
certificate scheduler ca /CN=system:kube-scheduler
certificate proxy ca /CN=system:kube-proxy
certificate front-client front /CN=front-client
certificate metrics ca /CN=metrics-server "IP:$CONTROL,DNS:metrics-server.kube-system.svc"
certificate registry ca /CN=registry "IP:$CONTROL"
certificate gateway ca /CN=gateway 'DNS:*.cluster.example'
for ((i = 0; i < ${#NODES[@]}; ++i)); do
  node=${NODES[i]}
  certificate "$node" ca "/O=system:nodes/CN=system:node:$node" "IP:$LAN.$((i + 1)),DNS:$node"
  kubeconfig "$node" sooth-cluster
done
for user in admin manager scheduler proxy; do kubeconfig "$user" sooth-cluster; done
# What signs the tokens of service accounts.
openssl ecparam -genkey -name prime256v1 -noout -out accounts.key
openssl ec -in accounts.key -pubout -out accounts.pub 2>/dev/null
# Who may push to the registry, and pull from it; bcrypt, as it wants.
for user in push pull; do
  perl -e 'print "$ARGV[0]:", crypt("$ARGV[0]-password", "\$2y\$05\$" . "c" x 22), "\n"' "$user"
done >passwords
