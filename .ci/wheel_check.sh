#!/usr/bin/env bash
# Build the wheel, install it with its extra into a fresh environment, and run a rack from it.
set -euo pipefail
work=$(mktemp -d)
trap 'kill "${rack:-}" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
"${PYTHON:-.venv/bin/python}" -m hatchling build -t wheel -d "$work" >/dev/null
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check "$(echo "$work"/*.whl)[virtual]"
cd "$work" # away from the clone
"$work/venv/bin/racklet" rack --slots 2 --socket "$work/rack.sock" >"$work/out" 2>&1 &
rack=$!
for _ in $(seq 300); do
  grep -q '^ready' "$work/out" && break
  kill -0 "$rack" || { cat "$work/out"; exit 1; }
  sleep 0.1
done
"$work/venv/bin/racklet" --version
# Into a file: `| grep -q` hangs up at the first match, and the writer may then end with an error.
"$work/venv/bin/racklet" status --json --bus "virtual:$work/rack.sock" >"$work/status"
grep -q '"slot": *2' "$work/status" || { cat "$work/status"; exit 1; }
echo "the wheel runs a virtual rack on its own"
