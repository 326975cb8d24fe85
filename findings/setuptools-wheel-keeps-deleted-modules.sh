#!/usr/bin/env bash
# setuptools 80.9.0 with pip 25.3: `pip wheel .` copies the package into the folder build/lib of the
# project and never removes anything from it. A module that was deleted or renamed is still in the
# next wheel built in the same folder. hatchling 1.27.0 builds the wheel from the sources only.
# The wheel of a job, built on a laptop or in a checkout that a pipeline reuses, contains code that
# the commit does not: an import of the old module works there and fails with a wheel of a new
# checkout, a removed entry module still runs, and two wheels of one commit have different
# contents. Delete build/ first.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet pip==25.3 setuptools==80.9.0 wheel==0.45.1 hatchling==1.27.0
project() {
  mkdir -p "$1/src/etl"
  cat >"$1/pyproject.toml" <<TOML
[build-system]
requires = ["$1"]
build-backend = "$2"
[project]
name = "etl"
version = "1.0"
TOML
  touch "$1/src/etl/__init__.py" "$1/src/etl/load_v1.py"
}
project setuptools setuptools.build_meta
project hatchling hatchling.build
for backend in setuptools hatchling; do
  build() { v/bin/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir "$1" "./$backend"; }
  build "$backend-1"
  mv "$backend/src/etl/load_v1.py" "$backend/src/etl/load_v2.py"
  build "$backend-2"
  echo "$backend:" "$(python3 -m zipfile -l "$backend-2"/*.whl | grep -o 'etl/[a-z_0-9]*.py' | sort | xargs)"
done | tee found
diff found - <<'END_SEEN'
setuptools: etl/__init__.py etl/load_v1.py etl/load_v2.py
hatchling: etl/__init__.py etl/load_v2.py
END_SEEN
