#!/usr/bin/env bash
# Runs the tests of this service alone.
exec bash "$(dirname "${BASH_SOURCE[0]}")/../../../scripts/test.sh" users
