#!/usr/bin/env bash
# Shows that the test cluster works: a pod under PodSecurity "restricted", names of services, services, logs, and mounts
# that pass from a privileged pod to another one. Takes about 10 s and leaves nothing in the cluster.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

name=smoke
kubectl delete namespace "$name" "$name-privileged" --ignore-not-found
trap 'kubectl delete namespace "$name" "$name-privileged" --wait=false >/dev/null' EXIT
kubectl create namespace "$name"
kubectl label namespace "$name" pod-security.kubernetes.io/enforce=restricted
kubectl create namespace "$name-privileged"

# expect WHAT EXPECTED COMMAND...: the command's output, both streams, must contain EXPECTED.
expect() {
  local what=$1 expected=$2 output
  shift 2
  output=$("$@" 2>&1) || true
  [[ $output == *"$expected"* ]] || fail "smoke: $what: expected \"$expected\" in: $output"
  say "smoke: $what"
}

server=$(
  cat <<Y
apiVersion: v1
kind: Pod
metadata: {name: server, labels: {app: server}}
spec:
  terminationGracePeriodSeconds: 0
  securityContext: {runAsUser: 1000, runAsGroup: 1000, runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
  containers:
  - name: main
    image: $base_image
    imagePullPolicy: Never
    command: [sh, -c, "echo I am \$(id -u); cd /tmp; echo hello >index.html; httpd -f -p 8080"]
    securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: server}
  ports: [{port: 80, targetPort: 8080}]
Y
)
expect "a privileged pod is refused in a restricted namespace" "violates PodSecurity" \
  kubectl -n "$name" apply -f - <<<"${server/allowPrivilegeEscalation: false/privileged: true}"
kubectl -n "$name" apply -f - <<<"$server"

# propagation NAME MODE PRIVILEGED COMMAND: a pod that shares a folder of the node.
propagation() {
  kubectl -n "$name-privileged" apply -f - <<Y
apiVersion: v1
kind: Pod
metadata: {name: $1}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: $base_image
    imagePullPolicy: Never
    command: [sh, -c, "$4; exec sleep infinity"]
    securityContext: {privileged: $3}
    volumeMounts: [{name: shared, mountPath: /shared, mountPropagation: $2}]
  volumes: [{name: shared, hostPath: {path: /var/lib/kubelet/plugins/$name, type: DirectoryOrCreate}}]
Y
}
propagation sees HostToContainer false true
propagation mounts Bidirectional true "mkdir -p /shared/mount; mount -t tmpfs tmpfs /shared/mount; touch /shared/mount/$name"

kubectl -n "$name" wait --for=condition=Ready pod/server --timeout=60s
kubectl -n "$name-privileged" wait --for=condition=Ready pod --all --timeout=60s
expect "a restricted pod runs as uid 1000" "I am 1000" kubectl -n "$name" logs server
expect "a pod reaches a service by its name" hello kubectl -n "$name" exec server -- wget -qO- http://web
expect "a pod reaches the API server" "400 Bad Request" kubectl -n "$name" exec server -- wget -qO- http://kubernetes.default:443
address=$(kubectl -n "$name" get service web -o jsonpath='{.spec.clusterIP}')
expect "this machine reaches a service" hello curl -s "http://$address"
expect "a mount passes from pod to pod" "/shared/mount/$name" kubectl -n "$name-privileged" exec sees -- ls "/shared/mount/$name"
expect "the audit log has our calls" '"verb":"create"' grep -F "\"namespace\":\"$name\"" "$run/logs/audit.log"

trap - EXIT
kubectl delete namespace "$name" "$name-privileged" --timeout=60s
on_node umount "/var/lib/kubelet/plugins/$name/mount"
on_node rm -r "/var/lib/kubelet/plugins/$name"
say "smoke: passed"
