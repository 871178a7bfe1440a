#!/usr/bin/env bash
# Build the wheel, install it with its extra into a fresh environment, and run a rack from it.
set -euo pipefail
work=$(mktemp -d)
trap 'kill "${rack:-}" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
# Not $PYTHON, which make exports when it was named to it: that one need not know hatchling.
python=.venv/bin/python
"$python" -m hatchling build -t wheel -d "$work" >/dev/null
"$python" -m pip freeze --exclude-editable >"$work/versions" # a release of today is no part of this
"$python" -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --constraint "$work/versions" \
  "$(echo "$work"/*.whl)[virtual]"
cd "$work" # away from the clone
"$work/venv/bin/racklet" rack --slots 2 --socket "$work/rack.sock" >"$work/out" 2>&1 &
rack=$!
for _ in $(seq 1200); do # 2 minutes, if it neither serves nor ends
  grep -q '^ready' "$work/out" && break
  kill -0 "$rack" || break
  sleep 0.1
done
grep -q '^ready' "$work/out" || { cat "$work/out"; exit 1; }
"$work/venv/bin/racklet" --version
# Into a file: `| grep -q` hangs up at the first match, and the writer may then end with an error.
"$work/venv/bin/racklet" status --json --bus "virtual:$work/rack.sock" >"$work/status"
grep -q '"slot": *2' "$work/status" || { cat "$work/status"; exit 1; }
echo "the wheel runs a virtual rack on its own"
