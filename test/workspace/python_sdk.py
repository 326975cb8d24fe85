"""Drives a local workspace with the official Python SDK: every family, and its waiters. Exits 0 when every answer is right."""

import base64
import datetime
import io

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import (
    AlreadyExists,
    BadRequest,
    NotFound,
    OperationFailed,
    ResourceAlreadyExists,
    ResourceConflict,
    ResourceDoesNotExist,
)
from databricks.sdk.service import catalog, compute, iam, jobs, sql, workspace
from databricks.sdk.service.jobs import RunLifeCycleState, RunResultState

w = WorkspaceClient()
me = w.current_user.me()
SPEC = {"spark_version": "15.4.x-scala2.12", "node_type_id": "i3.xlarge", "num_workers": 1}


def refused(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"expected {kind.__name__}")


def clusters_and_libraries():
    cluster = w.clusters.create_and_wait(cluster_name="py", autotermination_minutes=30, **SPEC)
    cid = cluster.cluster_id
    assert cluster.state == compute.State.RUNNING, cluster
    assert [c.cluster_id for c in w.clusters.list()] == [cid]
    assert w.clusters.select_spark_version(long_term_support=True)
    assert w.clusters.select_node_type(local_disk=True)
    assert w.clusters.list_zones().default_zone
    assert w.clusters.resize_and_wait(cid, num_workers=2).num_workers == 2
    edited = w.clusters.edit_and_wait(cid, cluster_name="py", custom_tags={"team": "a"}, **SPEC)
    assert edited.custom_tags == {"team": "a"}, edited
    assert w.clusters.restart_and_wait(cid).state == compute.State.RUNNING
    w.libraries.install(cid, [compute.Library(pypi=compute.PythonPyPiLibrary(package="simplejson"))])
    statuses = list(w.libraries.cluster_status(cid))
    assert statuses[0].library.pypi.package == "simplejson", statuses
    assert [s.cluster_id for s in w.libraries.all_cluster_statuses()] == [cid]
    w.libraries.uninstall(cid, [compute.Library(pypi=compute.PythonPyPiLibrary(package="simplejson"))])
    w.clusters.pin(cid)
    assert [c.cluster_id for c in w.clusters.list(filter_by=compute.ListClustersFilterBy(is_pinned=True))] == [cid]
    w.clusters.unpin(cid)
    assert w.clusters.delete_and_wait(cid).state == compute.State.TERMINATED
    assert w.clusters.start_and_wait(cid).state == compute.State.RUNNING
    w.clusters.ensure_cluster_is_running(cid)
    kinds = {e.type.value for e in w.clusters.events(cid)}
    assert {"CREATING", "RUNNING", "EDITED", "TERMINATING"} <= kinds, kinds
    return cid


def policies_and_pools():
    policy = w.cluster_policies.create(name="py", definition='{"spark_version": {"type": "fixed", "value": "15.4.x-scala2.12"}}')
    assert w.cluster_policies.get(policy.policy_id).name == "py"
    w.cluster_policies.edit(policy.policy_id, name="py2", definition="{}")
    policies = list(w.cluster_policies.list())
    assert [p.name for p in policies if not p.is_default] == ["py2"]
    assert any(p.is_default for p in policies), "the workspace's own policies"
    assert "personal-vm" in [f.policy_family_id for f in w.policy_families.list()]
    levels = w.cluster_policies.get_permission_levels(policy.policy_id).permission_levels
    assert [level.permission_level.value for level in levels] == ["CAN_USE"], levels
    w.cluster_policies.delete(policy.policy_id)
    pool = w.instance_pools.create(instance_pool_name="py", node_type_id="i3.xlarge", min_idle_instances=1)
    w.instance_pools.edit(pool.instance_pool_id, instance_pool_name="py2", node_type_id="i3.xlarge")
    assert w.instance_pools.get(pool.instance_pool_id).instance_pool_name == "py2"
    assert [p.instance_pool_name for p in w.instance_pools.list()] == ["py2"]
    w.instance_pools.delete(pool.instance_pool_id)
    refused(NotFound, lambda: w.instance_pools.get(pool.instance_pool_id))


def jobs_and_runs(cid):
    notebook = jobs.NotebookTask(notebook_path="/Shared/x")
    task = jobs.Task(task_key="only", existing_cluster_id=cid, notebook_task=notebook)
    job = w.jobs.create(name="py", tasks=[task], tags={"team": "a"}, max_concurrent_runs=5)
    run = w.jobs.run_now_and_wait(job.job_id)
    assert run.state.result_state == RunResultState.SUCCESS, run.state
    assert run.tasks[0].cluster_instance.cluster_id == cid
    assert [j.job_id for j in w.jobs.list(name="py")] == [job.job_id]
    assert w.jobs.get(job.job_id).settings.tags == {"team": "a"}
    w.jobs.update(job.job_id, new_settings=jobs.JobSettings(description="d"), fields_to_remove=["tags"])
    settings = w.jobs.get(job.job_id).settings
    assert (settings.description, settings.tags) == ("d", None), settings
    settings.name = "py2"
    w.jobs.reset(job.job_id, settings)
    assert w.jobs.get_run_output(run.tasks[0].run_id).metadata.run_id == run.tasks[0].run_id
    assert w.jobs.export_run(run.tasks[0].run_id).views[0].content.startswith("<!DOCTYPE html>")
    assert [r.run_id for r in w.jobs.list_runs(job_id=job.job_id)] == [run.run_id]
    first = w.jobs.run_now(job.job_id, idempotency_token="py-1")
    assert w.jobs.run_now(job.job_id, idempotency_token="py-1").run_id == first.run_id
    cancelled = w.jobs.cancel_run_and_wait(first.run_id)
    assert cancelled.state.result_state == RunResultState.CANCELED, cancelled.state
    repaired = w.jobs.repair_run_and_wait(first.run_id, rerun_all_failed_tasks=True)
    assert repaired.state.result_state == RunResultState.SUCCESS, repaired.state
    history = w.jobs.get_run(first.run_id, include_history=True).repair_history
    assert [item.type.value for item in history] == ["ORIGINAL", "REPAIR"], history
    w.jobs.run_now(job.job_id)
    w.jobs.cancel_all_runs(job_id=job.job_id)
    submitted = w.jobs.submit_and_wait(
        run_name="once",
        tasks=[jobs.SubmitTask(task_key="a", new_cluster=compute.ClusterSpec(**SPEC), notebook_task=notebook)],
    )
    assert submitted.state.result_state == RunResultState.SUCCESS, submitted.state
    own = w.clusters.get(submitted.tasks[0].cluster_instance.cluster_id)
    assert own.cluster_source == compute.ClusterSource.JOB, own
    w.jobs.delete_run(submitted.run_id)
    refused(ResourceDoesNotExist, lambda: w.jobs.get_run(submitted.run_id))

    # A condition, a loop of 150 inputs (two pages of iterations), and a job of 120 tasks (two pages of tasks).
    many = [jobs.Task(task_key=f"t{i}", notebook_task=notebook) for i in range(117)]
    loop = jobs.ForEachTask(
        inputs=str(list(range(150))), concurrency=50, task=jobs.Task(task_key="each", notebook_task=notebook)
    )
    check = jobs.ConditionTask(op=jobs.ConditionTaskOp.EQUAL_TO, left="1", right="1")
    depends = [jobs.TaskDependency(task_key="check", outcome="false")]
    many += [
        jobs.Task(task_key="check", condition_task=check),
        jobs.Task(task_key="no", notebook_task=notebook, depends_on=depends),
        jobs.Task(task_key="loop", for_each_task=loop),
    ]
    large = w.jobs.create(name="large", tasks=many)
    assert len(w.jobs.get(large.job_id).settings.tasks) == 120
    run = w.jobs.run_now_and_wait(large.job_id, timeout=datetime.timedelta(minutes=2))
    assert (run.state.life_cycle_state, len(run.tasks)) == (RunLifeCycleState.TERMINATED, 120), run.state
    by_key = {t.task_key: t for t in run.tasks}
    assert by_key["check"].condition_task.outcome == "true"
    assert by_key["no"].state.result_state == RunResultState.EXCLUDED, by_key["no"].state
    stats = by_key["loop"].for_each_task.stats.task_run_stats
    assert (stats.total_iterations, stats.succeeded_iterations) == (150, 150), stats
    assert len(w.jobs.get_run(by_key["loop"].run_id).iterations) == 150
    w.jobs.delete(large.job_id)

    # A run whose task fails is an error for the waiter.
    gone = jobs.Task(task_key="a", existing_cluster_id="gone", notebook_task=notebook)
    failing = w.jobs.create(name="failing", tasks=[gone])
    refused(OperationFailed, lambda: w.jobs.run_now_and_wait(failing.job_id))
    w.jobs.delete(failing.job_id)
    w.jobs.delete(job.job_id)
    refused(ResourceDoesNotExist, lambda: w.jobs.get(job.job_id))


def dbfs():
    with w.dbfs.open("/py/file.bin", write=True, overwrite=True) as out:
        out.write(b"x" * 2_500_000)
    with w.dbfs.open("/py/file.bin", read=True) as back:
        assert len(back.read()) == 2_500_000
    assert [f.path for f in w.dbfs.list("/py")] == ["/py/file.bin"]
    w.dbfs.mkdirs("/py/sub")
    w.dbfs.move("/py/file.bin", "/py/sub/moved.bin")
    assert w.dbfs.exists("/py/sub/moved.bin") and not w.dbfs.exists("/py/file.bin")
    w.dbfs.put("/py/small.txt", contents=base64.b64encode(b"hello").decode(), overwrite=True)
    assert base64.b64decode(w.dbfs.read("/py/small.txt").data) == b"hello"
    refused(ResourceAlreadyExists, lambda: w.dbfs.put("/py/small.txt", contents="", overwrite=False))
    w.dbfs.delete("/py", recursive=True)
    refused(NotFound, lambda: w.dbfs.get_status("/py/small.txt"))


def workspace_objects():
    w.workspace.upload("/Shared/py.py", io.BytesIO(b"print(1)"), format=workspace.ImportFormat.AUTO, overwrite=True)
    assert w.workspace.get_status("/Shared/py.py").object_type == workspace.ObjectType.FILE
    assert w.workspace.download("/Shared/py.py").read() == b"print(1)"
    w.workspace.mkdirs("/Shared/py-dir/sub")
    w.workspace.import_(
        "/Shared/py-dir/sub/nb",
        content=base64.b64encode(b"# Databricks notebook source\nprint(2)").decode(),
        format=workspace.ImportFormat.SOURCE,
        language=workspace.Language.PYTHON,
    )
    assert [o.path for o in w.workspace.list("/Shared/py-dir", recursive=True)] == ["/Shared/py-dir/sub/nb"]
    assert b"print(2)" in base64.b64decode(w.workspace.export("/Shared/py-dir/sub/nb").content)
    refused(BadRequest, lambda: w.workspace.delete("/Shared/py-dir"))
    w.workspace.delete("/Shared/py-dir", recursive=True)
    refused(ResourceDoesNotExist, lambda: w.workspace.get_status("/Shared/py-dir"))


def secrets():
    w.secrets.create_scope("py")
    w.secrets.put_secret("py", "k", string_value="v")
    assert base64.b64decode(w.secrets.get_secret("py", "k").value) == b"v"
    assert w.dbutils.secrets.get("py", "k") == "v"
    assert [s.key for s in w.secrets.list_secrets("py")] == ["k"]
    assert [a.principal for a in w.secrets.list_acls("py")] == [me.user_name]
    w.secrets.put_acl("py", "users", workspace.AclPermission.READ)
    assert w.secrets.get_acl("py", "users").permission == workspace.AclPermission.READ
    w.secrets.delete_acl("py", "users")
    refused(ResourceAlreadyExists, lambda: w.secrets.create_scope("py"))
    w.secrets.delete_secret("py", "k")
    w.secrets.delete_scope("py")
    assert list(w.secrets.list_scopes()) == []


def tokens():
    token = w.tokens.create(comment="py", lifetime_seconds=60)
    assert token.token_info.token_id in [t.token_id for t in w.tokens.list()]
    other = WorkspaceClient(host=w.config.host, token=token.token_value)
    assert other.current_user.me().user_name == me.user_name
    assert token.token_info.token_id in [t.token_id for t in w.token_management.list()]
    assert w.token_management.get(token.token_info.token_id).token_info.comment == "py"
    w.tokens.delete(token.token_info.token_id)
    principal = w.service_principals.create(display_name="bot")
    for_bot = w.token_management.create_obo_token(principal.application_id, lifetime_seconds=60, comment="bot")
    bot = WorkspaceClient(host=w.config.host, token=for_bot.token_value)
    assert bot.current_user.me().user_name == principal.application_id
    secret = w.service_principal_secrets_proxy.create(principal.id)
    machine = WorkspaceClient(
        host=w.config.host, auth_type="oauth-m2m", client_id=principal.application_id, client_secret=secret.secret
    )
    assert machine.current_user.me().user_name == principal.application_id
    w.token_management.delete(for_bot.token_info.token_id)
    w.service_principals.delete(principal.id)


def warehouses():
    warehouse = w.warehouses.create_and_wait(name="py", cluster_size="Small", max_num_clusters=1)
    assert warehouse.state == sql.State.RUNNING, warehouse
    assert w.statement_execution.execute_statement("select 1", warehouse.id).result.data_array == [["1"]]
    assert w.warehouses.stop_and_wait(warehouse.id).state == sql.State.STOPPED
    assert w.warehouses.start_and_wait(warehouse.id).state == sql.State.RUNNING
    assert w.warehouses.edit_and_wait(warehouse.id, name="py2", cluster_size="Small", max_num_clusters=2).name == "py2"
    assert [d.warehouse_id for d in w.data_sources.list()] == [warehouse.id]
    assert [x.name for x in w.warehouses.list()] == ["py2"]
    w.warehouses.set_permissions(
        warehouse.id,
        access_control_list=[
            sql.WarehouseAccessControlRequest(group_name="users", permission_level=sql.WarehousePermissionLevel.CAN_USE),
            sql.WarehouseAccessControlRequest(user_name=me.user_name, permission_level=sql.WarehousePermissionLevel.IS_OWNER),
        ],
    )
    assert "users" in [a.group_name for a in w.warehouses.get_permissions(warehouse.id).access_control_list]
    w.warehouses.delete(warehouse.id)


def catalogs():
    w.catalogs.create("py_cat", comment="c")
    w.schemas.create("raw", "py_cat")
    assert {s.name for s in w.schemas.list("py_cat")} == {"default", "raw"}
    w.volumes.create("py_cat", "raw", "in", catalog.VolumeType.MANAGED)
    w.files.create_directory("/Volumes/py_cat/raw/in/a")
    w.files.upload("/Volumes/py_cat/raw/in/a/b.txt", io.BytesIO(b"hello"), overwrite=True)
    assert w.files.download("/Volumes/py_cat/raw/in/a/b.txt").contents.read() == b"hello"
    assert w.files.get_metadata("/Volumes/py_cat/raw/in/a/b.txt").content_length == 5
    assert [e.name for e in w.files.list_directory_contents("/Volumes/py_cat/raw/in")] == ["a"]
    refused(AlreadyExists, lambda: w.files.upload("/Volumes/py_cat/raw/in/a/b.txt", io.BytesIO(b""), overwrite=False))
    with w.dbfs.open("/Volumes/py_cat/raw/in/c.txt", write=True) as out:
        out.write(b"via dbfs")
    w.files.upload("/Volumes/py_cat/raw/in/large", io.BytesIO(b"y" * 60_000_000), overwrite=True)
    assert w.files.get_metadata("/Volumes/py_cat/raw/in/large").content_length == 60_000_000
    change = catalog.PermissionsChange(principal="team", add=[catalog.Privilege.USE_SCHEMA])
    w.grants.update("schema", "py_cat.raw", changes=[change])
    assert w.grants.get("schema", "py_cat.raw").privilege_assignments[0].principal == "team"
    assert w.grants.get_effective("volume", "py_cat.raw.in").privilege_assignments[0].principal == "team"
    assert [v.name for v in w.volumes.list("py_cat", "raw")] == ["in"]
    assert list(w.tables.list("py_cat", "raw")) == []
    assert w.volumes.update("py_cat.raw.in", new_name="out").name == "out"
    assert w.schemas.update("py_cat.raw", comment="x").comment == "x"
    assert w.catalogs.update("py_cat", new_name="py_dog").name == "py_dog"
    assert w.metastores.current().metastore_id == w.catalogs.get("py_dog").metastore_id
    w.workspace_bindings.update_bindings("catalog", "py_dog", add=[catalog.WorkspaceBinding(workspace_id=w.get_workspace_id())])
    assert [b.workspace_id for b in w.workspace_bindings.get_bindings("catalog", "py_dog")] == [w.get_workspace_id()]
    refused(BadRequest, lambda: w.catalogs.delete("py_dog"))
    w.catalogs.delete("py_dog", force=True)
    refused(NotFound, lambda: w.catalogs.get("py_dog"))


def principals_and_permissions(cid):
    user = w.users.create(user_name="py@example.com")
    group = w.groups.create(display_name="py", members=[iam.ComplexValue(value=user.id)])
    assert [u.id for u in w.users.list(filter='userName eq "py@example.com"')] == [user.id]
    w.users.patch(
        user.id,
        operations=[iam.Patch(op=iam.PatchOp.ADD, path="entitlements", value=[{"value": "allow-cluster-create"}])],
        schemas=[iam.PatchSchema.URN_IETF_PARAMS_SCIM_API_MESSAGES_2_0_PATCH_OP],
    )
    assert [e.value for e in w.users.get(user.id).entitlements] == ["allow-cluster-create"]
    w.users.update(user.id, user_name="py@example.com", display_name="Py")
    assert w.users.get(user.id).display_name == "Py"
    assert [m.value for m in w.groups.get(group.id).members] == [user.id]
    level = iam.PermissionLevel.CAN_RESTART
    w.permissions.update(
        "clusters", cid, access_control_list=[iam.AccessControlRequest(group_name="py", permission_level=level)]
    )
    acl = {a.group_name: a.all_permissions for a in w.permissions.get("clusters", cid).access_control_list if a.group_name}
    assert acl["py"][0].permission_level == level and acl["admins"][0].inherited, acl
    w.permissions.update("authorization", "tokens", access_control_list=[])
    refused(ResourceConflict, lambda: w.users.create(user_name="py@example.com"))
    w.groups.delete(group.id)
    w.users.delete(user.id)
    refused(NotFound, lambda: w.users.get(user.id))


def repos_and_git():
    credential = w.git_credentials.create("gitHub", git_username="me", personal_access_token="x")
    w.git_credentials.update(credential.credential_id, "gitHub", git_username="you")
    assert [c.git_username for c in w.git_credentials.list()] == ["you"]
    w.workspace.mkdirs(f"/Repos/{me.user_name}")
    repo = w.repos.create("https://github.com/a/b.git", "gitHub", path=f"/Repos/{me.user_name}/b")
    w.repos.update(repo.id, branch="dev")
    assert w.repos.get(repo.id).branch == "dev"
    assert [r.id for r in w.repos.list()] == [repo.id]
    w.repos.delete(repo.id)
    w.git_credentials.delete(credential.credential_id)


assert me.user_name == "admin@lakeform.local", me
cid = clusters_and_libraries()
policies_and_pools()
jobs_and_runs(cid)
dbfs()
workspace_objects()
secrets()
tokens()
warehouses()
catalogs()
principals_and_permissions(cid)
repos_and_git()
w.clusters.permanent_delete(cid)
refused(ResourceDoesNotExist, lambda: w.clusters.get(cid))
print("ok")
