#!/usr/bin/env bash
# setuptools 80.9.0, hatchling 1.27.0, flit-core 3.12.0 and poetry-core 2.1.3: the file name of a
# wheel contains neither the name nor the version as pyproject.toml has it. 2026.01.05 is built as
# 2026.1.5, 1.2.0-3 as 1.2.0.post3, 1.2.0-rc.1 as 1.2.0rc1; only flit mentions it. The tag after the
# version depends on the build backend: without requires-python, it is py3 from setuptools and
# py2.py3 from the others. Jobs name their wheel by its file: a library path put together from name
# and version in the project file, as in f"{name}-{version}-py3-none-any.whl", works until the first
# release in January or the first hotfix with a dash, or until the backend changes, and fails only
# when the cluster installs it. Take the path from the build's output.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet setuptools==80.9.0 hatchling==1.27.0 flit-core==3.12.0 poetry-core==2.1.3
mkdir -p src/etl_jobs
echo '"""Jobs."""' > src/etl_jobs/__init__.py
found=
for version in 2026.01.05 1.2.0-3 1.2.0-rc.1; do
  for backend in setuptools.build_meta hatchling.build flit_core.buildapi poetry.core.masonry.api; do
    cat > pyproject.toml <<TOML
[build-system]
requires = []
build-backend = "$backend"
[project]
name = "etl-jobs"
version = "$version"
description = "Jobs"
[tool.hatch.build.targets.wheel]
packages = ["src/etl_jobs"]
TOML
    file=$(v/bin/python -c "import $backend as backend; print(backend.build_wheel('.'))" 2>log | tail -1) || { cat log; exit 1; }
    echo "$version, $backend: $file"
    [ -f "$file" ]
    found+="$file "
  done
done
seen=
for version in 2026.1.5 1.2.0.post3 1.2.0rc1; do
  for tag in py3 py2.py3 py2.py3 py2.py3; do seen+="etl_jobs-$version-$tag-none-any.whl "; done
done
[ "$found" = "$seen" ] || { echo "changed: the files have other names"; exit 1; }
# Output seen:
#   2026.01.05, setuptools.build_meta: etl_jobs-2026.1.5-py3-none-any.whl
#   2026.01.05, hatchling.build: etl_jobs-2026.1.5-py2.py3-none-any.whl
#   1.2.0-3, setuptools.build_meta: etl_jobs-1.2.0.post3-py3-none-any.whl
#   1.2.0-rc.1, poetry.core.masonry.api: etl_jobs-1.2.0rc1-py2.py3-none-any.whl
#   (and the same from the other backends)
