#!/usr/bin/env bash
# Checks types, lint and format of everything, as the pre-commit hook and CI do; or, given a service, of that service.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/prepare.sh
service=${1:-}
if [ -z "$service" ]; then
  npm run --silent check
else
  [ -d "services/$service" ] || fail "There is no service '$service'; there are: $(ls services | xargs)."
  tsc -p .
  biome check --error-on-warnings $(ls -d {services,libs,migrations,test}/"$service" 2>/dev/null)
  node scripts/check-imports.ts
fi
