"""Drives a local workspace with the official Python SDK; exits 0 when every answer is right."""

import base64
import io

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import NotFound
from databricks.sdk.service import catalog, compute, jobs, sql, workspace

w = WorkspaceClient()
me = w.current_user.me()
assert me.user_name == "admin@lakeform.local", me

cluster = w.clusters.create_and_wait(
    cluster_name="py", spark_version="15.4.x-scala2.12", node_type_id="i3.xlarge", num_workers=1
)
assert cluster.state == compute.State.RUNNING, cluster
assert [c.cluster_id for c in w.clusters.list()] == [cluster.cluster_id]
assert w.clusters.select_spark_version(long_term_support=True)
assert w.clusters.select_node_type(local_disk=True)

task = jobs.Task(
    task_key="only", existing_cluster_id=cluster.cluster_id, notebook_task=jobs.NotebookTask(notebook_path="/Shared/x")
)
job = w.jobs.create(name="py", tasks=[task])
run = w.jobs.run_now_and_wait(job.job_id)
assert run.state.result_state == jobs.RunResultState.SUCCESS, run.state
assert [j.job_id for j in w.jobs.list(name="py")] == [job.job_id]
w.jobs.delete(job.job_id)
w.clusters.permanent_delete(cluster.cluster_id)

with w.dbfs.open("/py/file.bin", write=True, overwrite=True) as out:
    out.write(b"x" * 2_500_000)
with w.dbfs.open("/py/file.bin", read=True) as back:
    assert len(back.read()) == 2_500_000
assert [f.path for f in w.dbfs.list("/py")] == ["/py/file.bin"]

w.workspace.upload("/Shared/py.py", io.BytesIO(b"print(1)"), format=workspace.ImportFormat.AUTO, overwrite=True)
assert w.workspace.get_status("/Shared/py.py").object_type == workspace.ObjectType.FILE
assert w.workspace.download("/Shared/py.py").read() == b"print(1)"

w.secrets.create_scope("py")
w.secrets.put_secret("py", "k", string_value="v")
assert base64.b64decode(w.secrets.get_secret("py", "k").value) == b"v"
assert [a.principal for a in w.secrets.list_acls("py")] == [me.user_name]

token = w.tokens.create(comment="py", lifetime_seconds=60)
assert token.token_info.token_id in [t.token_id for t in w.tokens.list()]

warehouse = w.warehouses.create_and_wait(name="py", cluster_size="Small", max_num_clusters=1)
assert warehouse.state == sql.State.RUNNING, warehouse
assert w.statement_execution.execute_statement("select 1", warehouse.id).result.data_array == [["1"]]

w.catalogs.create("py_cat")
w.schemas.create("raw", "py_cat")
w.volumes.create("py_cat", "raw", "in", catalog.VolumeType.MANAGED)
w.files.upload("/Volumes/py_cat/raw/in/a/b.txt", io.BytesIO(b"hello"), overwrite=True)
assert w.files.download("/Volumes/py_cat/raw/in/a/b.txt").contents.read() == b"hello"
assert w.files.get_metadata("/Volumes/py_cat/raw/in/a/b.txt").content_length == 5
assert [e.name for e in w.files.list_directory_contents("/Volumes/py_cat/raw/in")] == ["a"]
w.grants.update(
    "schema",
    "py_cat.raw",
    changes=[catalog.PermissionsChange(principal="team", add=[catalog.Privilege.USE_SCHEMA])],
)
assert w.grants.get("schema", "py_cat.raw").privilege_assignments[0].principal == "team"
w.catalogs.delete("py_cat", force=True)
try:
    w.catalogs.get("py_cat")
    raise AssertionError("the catalog is still there")
except NotFound:
    pass

user = w.users.create(user_name="py@example.com")
group = w.groups.create(display_name="py")
assert [u.id for u in w.users.list(filter='userName eq "py@example.com"')] == [user.id]
w.permissions.update("authorization", "tokens", access_control_list=[])
print("ok")
