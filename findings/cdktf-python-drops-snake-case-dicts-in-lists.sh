#!/usr/bin/env bash
# cdktf 0.21.0 for Python with cdktf-cdktf-provider-databricks 15.16.1: the bindings accept a dict
# for every block, by type and documentation. For a single block its keys are snake_case, like all
# of the Python API. In a list of blocks they have to be camelCase, and snake_case keys are dropped
# without an error if the block has no required field: access_control=[{"group_name": ...,
# "permission_level": ...}] is synthesized as [{}], the alert subscriptions of a task as [{}, {}].
# Where a field is required, as task_key in a task, the error is one of jsii about a value it cannot
# deserialize.
# Use the classes (PermissionsAccessControl(group_name=...)) in lists; type checkers accept the
# dicts.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet cdktf==0.21.0 cdktf-cdktf-provider-databricks==15.16.1
cat > app.py <<'END_PYTHON'
import json, sys
from cdktf import App, TerraformStack
from cdktf_cdktf_provider_databricks.permissions import Permissions, PermissionsAccessControl
from cdktf_cdktf_provider_databricks.cluster import Cluster
from cdktf_cdktf_provider_databricks.provider import DatabricksProvider

app = App()
stack = TerraformStack(app, "etl")
DatabricksProvider(stack, "databricks")
Cluster(stack, "one", spark_version="15.4.x-scala2.12", autoscale={"min_workers": 1, "max_workers": 2})
snake = {"group_name": "data-team", "permission_level": "CAN_MANAGE_RUN"}
camel = {"groupName": "data-team", "permissionLevel": "CAN_MANAGE_RUN"}
for name, entry in {"snake": snake, "camel": camel, "typed": PermissionsAccessControl(**snake)}.items():
    Permissions(stack, name, job_id="1", access_control=[entry])
app.synth()
resource = json.load(open("cdktf.out/stacks/etl/cdk.tf.json"))["resource"]
single = resource["databricks_cluster"]["one"]["autoscale"]
lists = {name: it["access_control"] for name, it in resource["databricks_permissions"].items()}
print("one block, snake_case dict:", single)
for name in ("snake", "camel", "typed"):
    print(f"list, {name}:", lists[name])
as_seen = single == {"max_workers": 2, "min_workers": 1} and lists["snake"] == [{}]
sys.exit(0 if as_seen and lists["camel"] == lists["typed"] == [snake] else 1)
END_PYTHON
export JSII_RUNTIME_PACKAGE_CACHE=disabled
v/bin/python app.py 2> >(grep -v "^b'!!" >&2) # jsii's box about the version of Node
# Output seen:
#   one block, snake_case dict: {'max_workers': 2, 'min_workers': 1}
#   list, snake: [{}]
#   list, camel: [{'group_name': 'data-team', 'permission_level': 'CAN_MANAGE_RUN'}]
#   list, typed: [{'group_name': 'data-team', 'permission_level': 'CAN_MANAGE_RUN'}]
