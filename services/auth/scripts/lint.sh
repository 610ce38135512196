#!/usr/bin/env bash
# Checks this service alone.
exec bash "$(dirname "${BASH_SOURCE[0]}")/../../../scripts/lint.sh" auth
