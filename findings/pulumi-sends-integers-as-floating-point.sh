#!/usr/bin/env bash
# pulumi 3.200.0 with pulumi-databricks 1.91.1 (Python): every number is sent to the engine as a
# double, even if the SDK's type is int and Python's integers are exact. The job_id of a
# run_job_task above 2^53 arrives rounded, without a warning, and names another job. Job and run ids
# are int64 in the Jobs API. In Terraform 1.11.4 the same number stays exact, in JSON configuration,
# plan and state.
# When jobs are moved from one to the other, or their plans compared, ids must be compared as text.
# The run uses Pulumi's own mocks, which receive the inputs in the form that is sent to the engine.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv v
v/bin/pip install --quiet pulumi==3.200.0 pulumi-databricks==1.91.1 setuptools==80.9.0
cat >jobs.py <<'PY'
import asyncio
import pulumi

seen = {}

class Engine(pulumi.runtime.Mocks):
    def new_resource(self, args):
        seen[args.name] = args.inputs
        return [args.name, args.inputs]

    def call(self, args):
        return {}

asyncio.set_event_loop(asyncio.new_event_loop())
pulumi.runtime.set_mocks(Engine(), preview=False)
import pulumi_databricks as databricks

run = databricks.JobTaskRunJobTaskArgs(job_id=9007199254740993)
databricks.Job("etl", tasks=[databricks.JobTaskArgs(task_key="next", run_job_task=run)])
asyncio.get_event_loop().run_until_complete(pulumi.runtime.stack.wait_for_rpcs())
print(int(seen["etl"]["tasks"][0]["runJobTask"]["jobId"]))
PY
pulumi=$(v/bin/python jobs.py)
echo '{ "resource": { "terraform_data": { "next": { "input": { "job_id": 9007199254740993 } } } } }' >main.tf.json
terraform init -input=false >/dev/null
terraform apply -input=false -auto-approve >/dev/null
terraform=$(terraform show -json | grep -o '"input":{"job_id":[0-9]*' | grep -o '[0-9]*$')
echo "code: 9007199254740993, pulumi: $pulumi, terraform: $terraform"
[ "$pulumi $terraform" = "9007199254740992 9007199254740993" ] ||
  { echo "changed: both are exact, or both are rounded"; exit 1; }
# Output seen: code: 9007199254740993, pulumi: 9007199254740992, terraform: 9007199254740993
