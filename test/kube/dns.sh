#!/usr/bin/env bash
# Tells dnsmasq the names of all services with an address, again after every change. Headless services and the names of
# their pods are not served.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
export KUBECONFIG=$run/certificates/dns.kubeconfig

hosts='{{range .items}}{{if ne .spec.clusterIP "None"}}{{.spec.clusterIP}} {{.metadata.name}}.{{.metadata.namespace}}.svc.cluster.local
{{end}}{{end}}'

while :; do
  kubectl get services -A --watch -o name | while read -r _; do
    # Changes come in bursts.
    while read -rt 0.1 _; do :; done
    kubectl get services -A -o go-template="$hosts" >"$run/hosts.part" || continue
    mv "$run/hosts.part" "$run/hosts"
    kill -HUP "$(pid_of dnsmasq)"
  done
  sleep 1
done
