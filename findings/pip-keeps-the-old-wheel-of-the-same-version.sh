#!/usr/bin/env bash
# pip 25.3: a wheel file whose version is already installed is not installed, even if it has another
# path and other code, and with --upgrade neither. The exit code is 0. uv 0.13.9 replaces the
# package in the same situation.
# A job's library is often built with a constant version (1.0.0) and uploaded under a new path for
# each commit. In an environment that already has the library, such as an image or a library of the
# cluster, `%pip install <path of the new wheel>` keeps the old code, and the job runs it without an
# error. Put the commit or a counter into the version, or use --force-reinstall --no-deps.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export PIP_DISABLE_PIP_VERSION_CHECK=1
for tool in pip uv; do python3 -m venv $tool; done
pip/bin/pip install --quiet pip==25.3 setuptools==80.9.0 uv==0.13.9
mkdir etl
cat > pyproject.toml <<'TOML'
[build-system]
requires = ["setuptools==80.9.0"]
build-backend = "setuptools.build_meta"
[project]
name = "etl"
version = "1.0.0"
[tool.setuptools]
packages = ["etl"]
TOML
for commit in 1 2; do
  echo "COMMIT = $commit" >etl/__init__.py
  pip/bin/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir "commit$commit" .
done
mkdir run && cd run
wheel=etl-1.0.0-py3-none-any.whl
code() { "../$1/bin/python" -c 'import etl; print(etl.COMMIT)'; }
../pip/bin/pip install --quiet ../commit1/$wheel
../pip/bin/pip install ../commit2/$wheel | grep -o 'etl is already installed with the same version'
../pip/bin/pip install --quiet --upgrade ../commit2/$wheel
for commit in 1 2; do ../pip/bin/uv pip install --quiet --python ../uv/bin/python ../commit$commit/$wheel; done
echo "installed commit 1, then commit 2: pip runs $(code pip), uv runs $(code uv)"
[ "$(code pip) $(code uv)" = "1 2" ] || { echo "changed: pip replaces the wheel, or uv keeps it"; exit 1; }
# Output seen:
#   etl is already installed with the same version
#   installed commit 1, then commit 2: pip runs 1, uv runs 2
