#!/usr/bin/env bash
# databricks-labs-blueprint 0.12.0: Installation.save writes a dataclass without the fields that are
# False, 0, "" or empty, and load fills missing fields with their defaults. A field whose default is
# not empty cannot be saved as False or 0: the value that comes back is the default. Neither call
# reports it.
# Installers of Databricks jobs (the labs projects, and tools built with blueprint) keep the user's
# answers this way. Someone answers "no schedule" and "no retries", the file in the workspace has
# neither field, and the next upgrade deploys the job with a schedule and with retries. Use defaults
# that are False, 0 or None, e.g. `skip_schedule: bool = False`.
# The run uses the package's own MockInstallation, which saves and loads with the same code.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet databricks-labs-blueprint==0.12.0
v/bin/python - <<'PY' | tee found
from dataclasses import dataclass
from databricks.labs.blueprint.installation import MockInstallation

@dataclass
class JobSettings:
    name: str
    with_schedule: bool = True
    max_retries: int = 3

installation = MockInstallation()
answers = JobSettings(name="nightly", with_schedule=False, max_retries=0)
installation.save(answers, filename="settings.yml")
installation.assert_file_written("settings.yml", {"name": "nightly"})
print("saved: ", answers)
print("loaded:", installation.load(JobSettings, filename="settings.yml"))
PY
diff found - <<'END_SEEN'
saved:  JobSettings(name='nightly', with_schedule=False, max_retries=0)
loaded: JobSettings(name='nightly', with_schedule=True, max_retries=3)
END_SEEN
