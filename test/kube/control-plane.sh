# shellcheck shell=bash
# The control plane: functions for up.sh, each of which starts one of its parts unless it runs already.

start_etcd() {
  start etcd etcd --data-dir "$run/etcd" --listen-client-urls "$etcd_url" --advertise-client-urls "$etcd_url" \
    --listen-peer-urls "$etcd_peer_url" --initial-advertise-peer-urls "$etcd_peer_url" --initial-cluster "default=$etcd_peer_url"
  await 90 etcd "etcd" curl -sf "$etcd_url/health"
}

start_apiserver() {
  cat >"$run/audit-policy.yaml" <<Y
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules: [{level: Metadata}]
Y
  start apiserver kube-apiserver --etcd-servers="$etcd_url" \
    --bind-address="$host_address" --advertise-address="$host_address" --secure-port=6443 \
    --tls-cert-file="$certificates/apiserver.crt" --tls-private-key-file="$certificates/apiserver.key" \
    --client-ca-file="$certificates/ca.crt" \
    --kubelet-client-certificate="$certificates/apiserver-to-kubelet.crt" \
    --kubelet-client-key="$certificates/apiserver-to-kubelet.key" \
    --kubelet-certificate-authority="$certificates/ca.crt" --kubelet-preferred-address-types=InternalIP \
    --requestheader-client-ca-file="$certificates/front.crt" --requestheader-username-headers=X-Remote-User \
    --requestheader-group-headers=X-Remote-Group --requestheader-extra-headers-prefix=X-Remote-Extra- \
    --service-account-issuer=https://kubernetes.default.svc \
    --service-account-signing-key-file="$certificates/service-accounts.key" \
    --service-account-key-file="$certificates/service-accounts.pub" \
    --service-cluster-ip-range="$service_network" --authorization-mode=Node,RBAC \
    --enable-admission-plugins=NodeRestriction --allow-privileged=true --profiling=false \
    --audit-policy-file="$run/audit-policy.yaml" --audit-log-path="$run/logs/audit.log"
}

# kubeconfig NAME: the flags of a part that asks the API server about everybody who asks it.
kubeconfig() {
  local file=$certificates/$1.kubeconfig
  echo "--kubeconfig=$file --authentication-kubeconfig=$file --authorization-kubeconfig=$file --bind-address=$host_address"
}

# These two wait for the API server themselves.
start_controller_manager() {
  # shellcheck disable=SC2046
  start controller-manager kube-controller-manager $(kubeconfig controller-manager) --leader-elect=false --profiling=false \
    --use-service-account-credentials=true --service-account-private-key-file="$certificates/service-accounts.key" \
    --root-ca-file="$certificates/ca.crt" --cluster-signing-cert-file="$certificates/ca.crt" \
    --cluster-signing-key-file="$certificates/ca.key" \
    --flex-volume-plugin-dir="$run/volume-plugins"
}

# It may try a pod again before it has itself noted that the claim is bound (kubernetes/kubernetes#73305 has the race, #87145 the symptom);
# then no event is left to come, and the pod waits for the next look at all, which is 5 minutes away by default.
start_scheduler() {
  # shellcheck disable=SC2046
  start scheduler kube-scheduler $(kubeconfig scheduler) --leader-elect=false --profiling=false --pod-max-in-unschedulable-pods-duration=30s
}

# from_module MODULE: the folder with the files of a Go module that the sidecars are built from.
from_module() {
  cd "$checkout/test/tools/csi-sidecars"
  export GOWORK=off GOTOOLCHAIN=local
  go mod download "$1"
  go list -mod=readonly -m -f '{{.Dir}}' "$1"
}

# What distributions bring for snapshots: their kinds, and the controller that all drivers share, with the rights that its project names.
start_snapshot_controller() {
  local module=github.com/kubernetes-csi/external-snapshotter folder rights kinds
  alive "$(pid_of snapshot-controller)" && return
  folder=$(from_module "$module/client/v8")/config/crd
  rights=$(from_module "$module/v8")/deploy/kubernetes/snapshot-controller/rbac-snapshot-controller.yaml
  kinds=("$folder"/snapshot.storage.k8s.io_{volumesnapshotclasses,volumesnapshotcontents,volumesnapshots}.yaml)
  kubectl apply -f "$rights" "${kinds[@]/#/--filename=}" >"$run/logs/snapshot-controller.log"
  kubectl wait --for=condition=Established --timeout=30s "${kinds[@]/#/--filename=}" >>"$run/logs/snapshot-controller.log"
  start snapshot-controller snapshot-controller --kubeconfig="$certificates/snapshot-controller.kubeconfig" \
    --kube-api-qps=50 --kube-api-burst=100
}

start_dns() {
  touch "$run/hosts"
  start dnsmasq dnsmasq --keep-in-foreground --conf-file=/dev/null --pid-file= --user=root --bind-interfaces --listen-address="$host_address" \
    --except-interface=lo --no-resolv --no-hosts --addn-hosts="$run/hosts" --local=/cluster.local/
  start dns "$kube/dns.sh"
}
