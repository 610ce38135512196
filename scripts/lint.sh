#!/usr/bin/env bash
# Checks types, lint and format of everything: what the pre-commit hook and CI check too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/prepare.sh
npm run --silent check
