#!/usr/bin/env bash
# Makes the cluster's authorities, certificates and kubeconfigs, once, valid for 30 days.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

folder=$run/certificates
[ ! -e "$folder" ] || exit 0
mkdir -p "$folder.part"
cd "$folder.part"

elliptic=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc)

authority() { # FILE NAME
  openssl req -x509 "${elliptic[@]}" -days 30 -subj "/CN=$2" -keyout "$1.key" -out "$1.crt" 2>/dev/null
}

certificate() { # FILE SUBJECT EXTENSION ...
  local file=$1 subject=$2
  shift 2
  openssl req "${elliptic[@]}" -subj "$subject" -keyout "$file.key" -out "$file.csr" 2>/dev/null
  openssl x509 -req -in "$file.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -out "$file.crt" \
    -extfile <(printf '%s\n' "$@") 2>/dev/null
  rm "$file.csr"
}

client() { # FILE SUBJECT: a certificate and a kubeconfig that holds it
  certificate "$1" "$2" extendedKeyUsage=clientAuth
  cat >"$1.kubeconfig" <<Y
apiVersion: v1
kind: Config
current-context: test
contexts: [{name: test, context: {cluster: test, user: $1}}]
clusters: [{name: test, cluster: {server: "https://$host_address:6443", certificate-authority-data: $(base64 -w0 ca.crt)}}]
users: [{name: $1, user: {client-certificate-data: $(base64 -w0 "$1.crt"), client-key-data: $(base64 -w0 "$1.key")}}]
Y
}

authority ca test-authority
# A second one, for the settings of the API server's request headers only: they must not trust the first.
authority front test-front-authority
certificate apiserver /CN=kube-apiserver extendedKeyUsage=serverAuth \
  "subjectAltName=IP:$host_address,IP:$service_address,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc"
certificate kubelet-server "/CN=$node_name" extendedKeyUsage=serverAuth "subjectAltName=IP:$node_address,DNS:$node_name"
certificate apiserver-to-kubelet /O=system:masters/CN=apiserver-to-kubelet extendedKeyUsage=clientAuth
client admin /O=system:masters/CN=admin
client dns /O=system:masters/CN=dns
client controller-manager /CN=system:kube-controller-manager
client scheduler /CN=system:kube-scheduler
client proxy /CN=system:kube-proxy
# In the name of the service account to which its own manifests give its rights.
client snapshot-controller /CN=system:serviceaccount:kube-system:snapshot-controller
client kubelet "/O=system:nodes/CN=system:node:$node_name"
# A node that there is not: what may somebody do who has stolen another node's key?
client other-kubelet "/O=system:nodes/CN=system:node:other"
openssl ecparam -name prime256v1 -genkey -noout -out service-accounts.key
openssl ec -in service-accounts.key -pubout -out service-accounts.pub 2>/dev/null
chmod 600 ./*.key ./*.kubeconfig
mv "$folder.part" "$folder"
