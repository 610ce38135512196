#!/usr/bin/env bash
# Runs types, lint and every test on a stack of its own, made for the run and wiped after it; or, given a service, that
# service's tests. Coverage goes to coverage/<service>/index.html.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

environment=${ENVIRONMENT:-}
if [ -z "$environment" ] && [ -f .env ]; then environment=$(sed -n 's/^ENVIRONMENT=//p' .env | tail -n 1); fi
case "${environment:-local}" in
  local | staging) ;;
  *)
    printf 'ENVIRONMENT is "%s"; tests run in local and staging only. Nothing was touched.\n' "$environment" >&2
    exit 1
    ;;
esac

source scripts/prepare.sh
service=${1:-}
[ -z "$service" ] || [ -d "services/$service" ] || fail "There is no service '$service'; there are: $(ls services | xargs)."

bash scripts/lint.sh $service
rm -rf "coverage/${service:-}"
mkdir -p coverage
status=0
npm run --silent jest -- ${service:+"test/$service/"} \
  --coverage --json --outputFile="coverage/${service:-all}.json" || status=$?
node scripts/report.ts $service
exit "$status"
