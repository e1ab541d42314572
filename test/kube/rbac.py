"""Compares the rights of the driver's service accounts with the calls that they made, by the API server's audit log.

    rbac.py AUDIT_LOG NAMESPACE UNUSED <ROLES.json      UNUSED: a file with lines "ACCOUNT RESOURCE VERB  reason"

Prints a table of all rights with who used each how often, and ends with 1 when a right was never used and UNUSED does not say why
it is there, when UNUSED names one that was used or is not there, and when an account was refused something it asked for.
"""

import collections
import json
import sys

PREFIX = "system:serviceaccount:"


def granted(roles: dict, namespace: str) -> set[tuple[str, str, str, str]]:
    """What is bound to the accounts of the namespace: account, scope, resource, verb."""
    items = roles["items"]
    rules = {(i["kind"], i["metadata"].get("namespace"), i["metadata"]["name"]): i.get("rules") or [] for i in items if "Binding" not in i["kind"]}
    found = set()
    for binding in (i for i in items if "Binding" in i["kind"]):
        where = binding["metadata"].get("namespace")
        ref = binding["roleRef"]
        accounts = [s["name"] for s in binding.get("subjects", []) if s["kind"] == "ServiceAccount" and s.get("namespace", where) == namespace]
        for rule in rules.get((ref["kind"], where if ref["kind"] == "Role" else None, ref["name"]), []) if accounts else []:
            for resource in rule.get("resources", []) or rule["nonResourceURLs"]:
                group = rule.get("apiGroups", [""])[0]
                for verb in rule["verbs"]:
                    name = ",".join(rule.get("resourceNames", []))
                    full = f"{resource}{'.' + group if group else ''}{':' + name if name else ''}"
                    found |= {(account, where or "*", full, verb) for account in accounts}
    return found


def calls(log: str, namespace: str):
    """Each call of the accounts: account, namespace, resource, name, verb, whether it was allowed, program. A watch counts when it begins."""
    prefix = f"{PREFIX}{namespace}:"
    with open(log) as lines:
        for line in lines:
            if prefix not in line:
                continue
            call = json.loads(line)
            ends = "ResponseStarted" if call["verb"] == "watch" else "ResponseComplete"
            ref = call.get("objectRef")
            # Not by the status 403, which also says that a namespace is on its way out.
            allowed = call.get("annotations", {}).get("authorization.k8s.io/decision") == "allow"
            if not call["user"]["username"].startswith(prefix) or not ref or (call["stage"] != ends and allowed):
                continue
            resource = "/".join(filter(None, (ref["resource"], ref.get("subresource"))))
            group = ref.get("apiGroup", "")
            full = f"{resource}{'.' + group if group else ''}"
            program = call.get("userAgent", "?").split("/")[0].split(" ")[0]
            yield call["user"]["username"].removeprefix(prefix), ref.get("namespace", ""), full, ref.get("name", ""), call["verb"], allowed, program


def covers(right: tuple[str, str, str, str], call: tuple) -> bool:
    account, scope, resource, verb = right
    caller, namespace, called, name, by, _, _ = call
    plain, _, names = resource.partition(":")
    return (account, plain, verb) == (caller, called, by) and scope in ("*", namespace) and (not names or name in names.split(","))


def main(log: str, namespace: str, unused: str) -> int:
    rights = sorted(granted(json.load(sys.stdin), namespace))
    made = collections.Counter(calls(log, namespace))
    with open(unused) as lines:
        reasons = {tuple(line.split(None, 3)[:3]): line.split(None, 3)[3].strip() for line in lines if line.strip() and not line.startswith("#")}
    mistakes = []
    for right in rights:
        users = collections.Counter()
        for call, times in made.items():
            if call[5] and covers(right, call):
                users[call[6]] += times
        reason = reasons.pop((right[0], right[2], right[3]), None)
        if users and reason:
            mistakes.append(f"{' '.join(right)} is used after all")
        if not users and not reason:
            mistakes.append(f"{' '.join(right)} was never used")
        told = ", ".join(f"{program} {times}" for program, times in sorted(users.items())) or reason or "NEVER USED"
        print(f"{right[0]:20} {right[1]:9} {right[2]:75} {right[3]:7} {told}")
    mistakes += [f"{' '.join(key)} is not granted, but has a reason" for key in reasons]
    for call, times in sorted(made.items()):
        if not call[5]:
            mistakes.append(f"{call[0]} was refused {call[4]} {call[2]} {call[1]}/{call[3]}, {times} times, by {call[6]}")
    for mistake in mistakes:
        print(f"rbac: {mistake}", file=sys.stderr)
    return 1 if mistakes else 0


sys.exit(main(*sys.argv[1:]))
