#!/usr/bin/env bash
# Runs all of Postbox and restarts the services when a file is saved. Ctrl-C stops it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/prepare.sh
exec node cli/postbox.js dev "$@"
