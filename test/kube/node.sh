# shellcheck shell=bash
# The node: functions for up.sh, each of which starts one of its parts unless it runs already.

start_namespaces() {
  ! alive "$(pid_of node)" || return 0
  rm -f "$run/ready" "$run"/pids/{containerd,kubelet,proxy}
  # After a power cut the kernel takes the old node's end of the cable away in the background. Cgroups of containers
  # that are gone would cost the kubelet 3 s each.
  ip link delete "$link" 2>/dev/null || true
  remove_cgroups
  setsid unshare --mount --propagation private --pid --net --uts --ipc --fork \
    "$kube/node-init.sh" >>"$run/logs/node.log" 2>&1 </dev/null &
  await 10 node "the node's namespaces" test -e "$run/ready"
}

# The cable between this machine and the node.
connect() {
  ! ip link show "$link" >/dev/null 2>&1 || return 0
  ip link add "$link" type veth peer name eth0 netns "$(pid_of node)"
  ip addr add "$host_address/24" dev "$link"
  ip link set "$link" up
  on_node ip addr add "$node_address/24" dev eth0
  on_node ip link set eth0 up
  on_node ip route add default via "$host_address"
  on_node sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
  # This machine reaches pods and services, too; both networks end at the link.
  ip route add "$pod_network" via "$node_address"
  ip route add "$service_network" via "$node_address"
}

start_containerd() {
  cat >"$run/containerd.toml" <<T
version = 2
[plugins."io.containerd.internal.v1.opt"]
  path = "/var/lib/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$base_image"
  disable_apparmor = true
  # Without CAP_SYS_RESOURCE nobody may lower an oom_score_adj, as the kubelet wants for some containers.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$run/cni"
T

  mkdir -p "$run/cni"
  cat >"$run/cni/10-bridge.conflist" <<J
{"cniVersion": "0.4.0", "name": "pods", "plugins": [
  {"type": "bridge", "bridge": "pods", "isGateway": true, "hairpinMode": true,
   "ipam": {"type": "host-local", "ranges": [[{"subnet": "$pod_network"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
J

  start_on_node containerd containerd --config "$run/containerd.toml"
  await 30 containerd "containerd" on_node ctr version
}

start_kubelet() {
  local hierarchy
  for hierarchy in /sys/fs/cgroup/*/; do
    [ ! -e "$hierarchy/cgroup.procs" ] || mkdir -p "$hierarchy/$cgroup"
  done
  cat >"$run/kubelet.yaml" <<Y
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
readOnlyPort: 0
tlsCertFile: $certificates/kubelet-server.crt
tlsPrivateKeyFile: $certificates/kubelet-server.key
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $certificates/ca.crt}}
authorization: {mode: Webhook}
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
volumePluginDir: /var/lib/kubelet/volume-plugins
clusterDNS: [$host_address]
clusterDomain: cluster.local
resolvConf: ""
# cgroup v1 is what some test machines have. Nothing above our own cgroup is touched, and nothing limits it.
failCgroupV1: false
cgroupDriver: cgroupfs
cgroupRoot: /$cgroup
enforceNodeAllocatable: []
failSwapOn: false
oomScoreAdj: 0
maxOpenFiles: $(ulimit -Hn)
# A volume's new size reaches the node at a sync; by default the next one may be more than a minute away.
syncFrequency: 5s
# The disk and the memory belong to the whole machine: how full they are is not the node's to mend.
imageGCHighThresholdPercent: 100
evictionHard: {imagefs.available: 0%, imagefs.inodesFree: 0%, memory.available: 0%, nodefs.available: 0%, nodefs.inodesFree: 0%}
Y

  start_on_node kubelet kubelet --config="$run/kubelet.yaml" --kubeconfig="$certificates/kubelet.kubeconfig" --node-ip="$node_address"
  await 60 kubelet "the kubelet" on_node curl -sf http://127.0.0.1:10248/healthz
}

start_proxy() {
  start_on_node proxy kube-proxy --kubeconfig="$certificates/proxy.kubeconfig" --proxy-mode=iptables --cluster-cidr="$pod_network" \
    --iptables-localhost-nodeports=false --conntrack-max-per-core=0 \
    --conntrack-tcp-timeout-established=0s --conntrack-tcp-timeout-close-wait=0s
}
