# shellcheck shell=bash
# shellcheck disable=SC2034 # used by those who read this
# What the scripts of the test cluster share: places, addresses and how its processes are started and ended.

kube=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
checkout=$(cd "$kube/../.." && pwd)
run=$checkout/.run/kube           # all state: nothing is written anywhere else
bin=$checkout/.tools/bin
export PATH=$bin:$PATH
certificates=$run/certificates
export KUBECONFIG=$certificates/admin.kubeconfig
export KUBECACHEDIR=$run/kubectl

# The control plane runs as plain processes of this machine, at one end of a pair of virtual cables; the node, at the
# other end, has namespaces of its own. Servers that pods must reach listen on $host_address. Checkouts may each have a
# cluster at the same time, if each is told another KUBE_INSTANCE (0 to 9).
instance=${KUBE_INSTANCE:-0}
link=juicebox-kube$instance
host_address=10.244.$((2 * instance)).1
node_address=10.244.$((2 * instance)).2
pod_network=10.244.$((2 * instance + 1)).0/24
service_network=10.96.$instance.0/24
service_address=10.96.$instance.1 # the API server's, as pods see it
etcd_url=http://127.0.0.1:2237$instance
etcd_peer_url=http://127.0.0.1:2238$instance

node_name=node1
node_root=$run/node               # becomes the node's /var
cgroup=$link                      # in every hierarchy; all pods lie below it
base_image=juicebox.test/base:1

# A script that ends at a command that says nothing says where.
set -E
trap 'echo "kube: failed: ${BASH_SOURCE[0]##*/} line $LINENO: $BASH_COMMAND" >&2' ERR

say() { echo "kube: $*"; }

fail() {
  echo "kube: failed: $*" >&2
  exit 1
}

# pid_of NAME: the process id of a part, in this machine's numbers, also for parts that run on the node.
pid_of() { cat "$run/pids/$1" 2>/dev/null || true; }

# alive PID: a zombie counts as gone, since some machines' process 1 takes seconds to reap.
alive() {
  local state
  state=$(sed -n 's/^State:\t\(.\).*/\1/p' "/proc/${1:-none}/status" 2>/dev/null)
  [[ $state && $state != Z ]]
}

# start NAME COMMAND...: runs a part in the background unless it runs already; its output goes to logs/NAME.log.
start() {
  local name=$1
  shift
  alive "$(pid_of "$name")" && return
  setsid "$@" >>"$run/logs/$name.log" 2>&1 </dev/null &
  echo $! >"$run/pids/$name"
}

# end NAME...: kills parts and their children. None has anything left to save.
end() {
  local name pid
  for name; do
    pid=$(pid_of "$name")
    alive "$pid" || continue
    # A part that start_on_node or unshare started leads no process group.
    kill -9 -- "-$pid" 2>/dev/null || kill -9 "$pid"
    wait_for 20 gone "$pid" || fail "$name, process $pid, does not end"
  done
}

gone() { ! alive "$1"; }

# wait_for SECONDS COMMAND...: tries the command until it succeeds.
wait_for() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}

# await SECONDS NAME WHAT COMMAND...: waits; when that fails, shows what NAME said last.
await() {
  local name=$2 what=$3 seconds=$1
  shift 3
  wait_for "$seconds" "$@" && return
  tail -n 15 "$run/logs/$name.log" >&2
  fail "$what: not after $seconds s, see $run/logs/$name.log"
}

node_namespaces=(nsenter --mount --pid --net --uts --ipc --wd=/)

# on_node COMMAND...: runs a command in the node's namespaces.
on_node() { "${node_namespaces[@]}" --target "$(pid_of node)" -- "$@"; }

# start_on_node NAME COMMAND...: like start; the recorded process is the command itself, not the nsenter around it.
start_on_node() {
  local name=$1 command=$2 around
  alive "$(pid_of "$name")" && return
  shift
  setsid "${node_namespaces[@]}" --target "$(pid_of node)" -- "$@" >>"$run/logs/$name.log" 2>&1 </dev/null &
  around=$!
  find_started() { pgrep -P "$around" -x "$command" >"$run/pids/$name"; }
  await 5 "$name" "$name" find_started
}

# remove_cgroups: those of a node that has ended. A killed process leaves its cgroup a little later than it ends.
remove_cgroups() {
  wait_for 20 try_remove_cgroups || fail "processes are left in $(compgen -G "/sys/fs/cgroup/*/$cgroup" | head -1)"
}

try_remove_cgroups() {
  find /sys/fs/cgroup/*/"$cgroup" -depth -type d -exec rmdir {} +
  ! compgen -G "/sys/fs/cgroup/*/$cgroup"
}
