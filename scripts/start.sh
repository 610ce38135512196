#!/usr/bin/env bash
# Starts all of Postbox: Postgres, NATS, every service. Ctrl-C or SIGTERM stops it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/prepare.sh
exec node scripts/start.ts
