"""Calls every API family of a local workspace with the official Python SDK, with its waiters. Exits with 0 if all responses are correct."""

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

client = WorkspaceClient()
me = client.current_user.me()
SPEC = {"spark_version": "15.4.x-scala2.12", "node_type_id": "i3.xlarge", "num_workers": 1}


def expect_error(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"expected {kind.__name__}")


def clusters_and_libraries():
    cluster = client.clusters.create_and_wait(cluster_name="py", autotermination_minutes=30, **SPEC)
    cluster_id = cluster.cluster_id
    assert cluster.state == compute.State.RUNNING, cluster
    assert [c.cluster_id for c in client.clusters.list()] == [cluster_id]
    assert client.clusters.select_spark_version(long_term_support=True)
    assert client.clusters.select_node_type(local_disk=True)
    assert client.clusters.list_zones().default_zone
    assert client.clusters.resize_and_wait(cluster_id, num_workers=2).num_workers == 2
    edited = client.clusters.edit_and_wait(cluster_id, cluster_name="py", custom_tags={"team": "a"}, **SPEC)
    assert edited.custom_tags == {"team": "a"}, edited
    assert client.clusters.restart_and_wait(cluster_id).state == compute.State.RUNNING
    client.libraries.install(cluster_id, [compute.Library(pypi=compute.PythonPyPiLibrary(package="simplejson"))])
    statuses = list(client.libraries.cluster_status(cluster_id))
    assert statuses[0].library.pypi.package == "simplejson", statuses
    assert [s.cluster_id for s in client.libraries.all_cluster_statuses()] == [cluster_id]
    client.libraries.uninstall(cluster_id, [compute.Library(pypi=compute.PythonPyPiLibrary(package="simplejson"))])
    client.clusters.pin(cluster_id)
    assert [c.cluster_id for c in client.clusters.list(filter_by=compute.ListClustersFilterBy(is_pinned=True))] == [cluster_id]
    client.clusters.unpin(cluster_id)
    assert client.clusters.delete_and_wait(cluster_id).state == compute.State.TERMINATED
    assert client.clusters.start_and_wait(cluster_id).state == compute.State.RUNNING
    client.clusters.ensure_cluster_is_running(cluster_id)
    kinds = {e.type.value for e in client.clusters.events(cluster_id)}
    assert {"CREATING", "RUNNING", "EDITED", "TERMINATING"} <= kinds, kinds
    return cluster_id


def policies_and_pools():
    policy = client.cluster_policies.create(name="py", definition='{"spark_version": {"type": "fixed", "value": "15.4.x-scala2.12"}}')
    assert client.cluster_policies.get(policy.policy_id).name == "py"
    client.cluster_policies.edit(policy.policy_id, name="py2", definition="{}")
    policies = list(client.cluster_policies.list())
    assert [p.name for p in policies if not p.is_default] == ["py2"]
    assert any(p.is_default for p in policies), "the built-in policies are missing"
    assert "personal-vm" in [f.policy_family_id for f in client.policy_families.list()]
    levels = client.cluster_policies.get_permission_levels(policy.policy_id).permission_levels
    assert [level.permission_level.value for level in levels] == ["CAN_USE"], levels
    client.cluster_policies.delete(policy.policy_id)
    pool = client.instance_pools.create(instance_pool_name="py", node_type_id="i3.xlarge", min_idle_instances=1)
    client.instance_pools.edit(pool.instance_pool_id, instance_pool_name="py2", node_type_id="i3.xlarge")
    assert client.instance_pools.get(pool.instance_pool_id).instance_pool_name == "py2"
    assert [p.instance_pool_name for p in client.instance_pools.list()] == ["py2"]
    client.instance_pools.delete(pool.instance_pool_id)
    expect_error(NotFound, lambda: client.instance_pools.get(pool.instance_pool_id))


def jobs_and_runs(cluster_id):
    notebook = jobs.NotebookTask(notebook_path="/Shared/x")
    task = jobs.Task(task_key="only", existing_cluster_id=cluster_id, notebook_task=notebook)
    job = client.jobs.create(name="py", tasks=[task], tags={"team": "a"}, max_concurrent_runs=5)
    run = client.jobs.run_now_and_wait(job.job_id)
    assert run.state.result_state == RunResultState.SUCCESS, run.state
    assert run.tasks[0].cluster_instance.cluster_id == cluster_id
    assert [j.job_id for j in client.jobs.list(name="py")] == [job.job_id]
    assert client.jobs.get(job.job_id).settings.tags == {"team": "a"}
    client.jobs.update(job.job_id, new_settings=jobs.JobSettings(description="d"), fields_to_remove=["tags"])
    settings = client.jobs.get(job.job_id).settings
    assert (settings.description, settings.tags) == ("d", None), settings
    settings.name = "py2"
    client.jobs.reset(job.job_id, settings)
    assert client.jobs.get_run_output(run.tasks[0].run_id).metadata.run_id == run.tasks[0].run_id
    assert client.jobs.export_run(run.tasks[0].run_id).views[0].content.startswith("<!DOCTYPE html>")
    assert [r.run_id for r in client.jobs.list_runs(job_id=job.job_id)] == [run.run_id]
    first = client.jobs.run_now(job.job_id, idempotency_token="py-1")
    assert client.jobs.run_now(job.job_id, idempotency_token="py-1").run_id == first.run_id
    cancelled = client.jobs.cancel_run_and_wait(first.run_id)
    assert cancelled.state.result_state == RunResultState.CANCELED, cancelled.state
    repaired = client.jobs.repair_run_and_wait(first.run_id, rerun_all_failed_tasks=True)
    assert repaired.state.result_state == RunResultState.SUCCESS, repaired.state
    history = client.jobs.get_run(first.run_id, include_history=True).repair_history
    assert [item.type.value for item in history] == ["ORIGINAL", "REPAIR"], history
    client.jobs.run_now(job.job_id)
    client.jobs.cancel_all_runs(job_id=job.job_id)
    submitted = client.jobs.submit_and_wait(
        run_name="once",
        tasks=[jobs.SubmitTask(task_key="a", new_cluster=compute.ClusterSpec(**SPEC), notebook_task=notebook)],
    )
    assert submitted.state.result_state == RunResultState.SUCCESS, submitted.state
    job_cluster = client.clusters.get(submitted.tasks[0].cluster_instance.cluster_id)
    assert job_cluster.cluster_source == compute.ClusterSource.JOB, job_cluster
    client.jobs.delete_run(submitted.run_id)
    expect_error(ResourceDoesNotExist, lambda: client.jobs.get_run(submitted.run_id))

    # A condition, a loop of 150 inputs (two pages of iterations), and a job of 120 tasks (two pages of tasks).
    tasks = [jobs.Task(task_key=f"t{i}", notebook_task=notebook) for i in range(117)]
    loop = jobs.ForEachTask(
        inputs=str(list(range(150))), concurrency=50, task=jobs.Task(task_key="each", notebook_task=notebook)
    )
    check = jobs.ConditionTask(op=jobs.ConditionTaskOp.EQUAL_TO, left="1", right="1")
    depends = [jobs.TaskDependency(task_key="check", outcome="false")]
    tasks += [
        jobs.Task(task_key="check", condition_task=check),
        jobs.Task(task_key="no", notebook_task=notebook, depends_on=depends),
        jobs.Task(task_key="loop", for_each_task=loop),
    ]
    large = client.jobs.create(name="large", tasks=tasks)
    assert len(client.jobs.get(large.job_id).settings.tasks) == 120
    run = client.jobs.run_now_and_wait(large.job_id, timeout=datetime.timedelta(minutes=2))
    assert (run.state.life_cycle_state, len(run.tasks)) == (RunLifeCycleState.TERMINATED, 120), run.state
    by_key = {t.task_key: t for t in run.tasks}
    assert by_key["check"].condition_task.outcome == "true"
    assert by_key["no"].state.result_state == RunResultState.EXCLUDED, by_key["no"].state
    stats = by_key["loop"].for_each_task.stats.task_run_stats
    assert (stats.total_iterations, stats.succeeded_iterations) == (150, 150), stats
    assert len(client.jobs.get_run(by_key["loop"].run_id).iterations) == 150
    client.jobs.delete(large.job_id)

    # A run whose task fails is an error for the waiter.
    failing_task = jobs.Task(task_key="a", existing_cluster_id="gone", notebook_task=notebook)
    failing = client.jobs.create(name="failing", tasks=[failing_task])
    expect_error(OperationFailed, lambda: client.jobs.run_now_and_wait(failing.job_id))
    client.jobs.delete(failing.job_id)
    client.jobs.delete(job.job_id)
    expect_error(ResourceDoesNotExist, lambda: client.jobs.get(job.job_id))


def dbfs():
    with client.dbfs.open("/py/file.bin", write=True, overwrite=True) as out:
        out.write(b"x" * 2_500_000)
    with client.dbfs.open("/py/file.bin", read=True) as file:
        assert len(file.read()) == 2_500_000
    assert [f.path for f in client.dbfs.list("/py")] == ["/py/file.bin"]
    client.dbfs.mkdirs("/py/sub")
    client.dbfs.move("/py/file.bin", "/py/sub/moved.bin")
    assert client.dbfs.exists("/py/sub/moved.bin") and not client.dbfs.exists("/py/file.bin")
    client.dbfs.put("/py/small.txt", contents=base64.b64encode(b"hello").decode(), overwrite=True)
    assert base64.b64decode(client.dbfs.read("/py/small.txt").data) == b"hello"
    expect_error(ResourceAlreadyExists, lambda: client.dbfs.put("/py/small.txt", contents="", overwrite=False))
    client.dbfs.delete("/py", recursive=True)
    expect_error(NotFound, lambda: client.dbfs.get_status("/py/small.txt"))


def workspace_objects():
    client.workspace.upload("/Shared/py.py", io.BytesIO(b"print(1)"), format=workspace.ImportFormat.AUTO, overwrite=True)
    assert client.workspace.get_status("/Shared/py.py").object_type == workspace.ObjectType.FILE
    assert client.workspace.download("/Shared/py.py").read() == b"print(1)"
    client.workspace.mkdirs("/Shared/py-dir/sub")
    client.workspace.import_(
        "/Shared/py-dir/sub/nb",
        content=base64.b64encode(b"# Databricks notebook source\nprint(2)").decode(),
        format=workspace.ImportFormat.SOURCE,
        language=workspace.Language.PYTHON,
    )
    assert [o.path for o in client.workspace.list("/Shared/py-dir", recursive=True)] == ["/Shared/py-dir/sub/nb"]
    assert b"print(2)" in base64.b64decode(client.workspace.export("/Shared/py-dir/sub/nb").content)
    expect_error(BadRequest, lambda: client.workspace.delete("/Shared/py-dir"))
    client.workspace.delete("/Shared/py-dir", recursive=True)
    expect_error(ResourceDoesNotExist, lambda: client.workspace.get_status("/Shared/py-dir"))


def secrets():
    client.secrets.create_scope("py")
    client.secrets.put_secret("py", "k", string_value="v")
    assert base64.b64decode(client.secrets.get_secret("py", "k").value) == b"v"
    assert client.dbutils.secrets.get("py", "k") == "v"
    assert [s.key for s in client.secrets.list_secrets("py")] == ["k"]
    assert [a.principal for a in client.secrets.list_acls("py")] == [me.user_name]
    client.secrets.put_acl("py", "users", workspace.AclPermission.READ)
    assert client.secrets.get_acl("py", "users").permission == workspace.AclPermission.READ
    client.secrets.delete_acl("py", "users")
    expect_error(ResourceAlreadyExists, lambda: client.secrets.create_scope("py"))
    client.secrets.delete_secret("py", "k")
    client.secrets.delete_scope("py")
    assert list(client.secrets.list_scopes()) == []


def tokens():
    token = client.tokens.create(comment="py", lifetime_seconds=60)
    assert token.token_info.token_id in [t.token_id for t in client.tokens.list()]
    other = WorkspaceClient(host=client.config.host, token=token.token_value)
    assert other.current_user.me().user_name == me.user_name
    assert token.token_info.token_id in [t.token_id for t in client.token_management.list()]
    assert client.token_management.get(token.token_info.token_id).token_info.comment == "py"
    client.tokens.delete(token.token_info.token_id)
    principal = client.service_principals.create(display_name="bot")
    bot_token = client.token_management.create_obo_token(principal.application_id, lifetime_seconds=60, comment="bot")
    bot = WorkspaceClient(host=client.config.host, token=bot_token.token_value)
    assert bot.current_user.me().user_name == principal.application_id
    secret = client.service_principal_secrets_proxy.create(principal.id)
    machine = WorkspaceClient(
        host=client.config.host, auth_type="oauth-m2m", client_id=principal.application_id, client_secret=secret.secret
    )
    assert machine.current_user.me().user_name == principal.application_id
    client.token_management.delete(bot_token.token_info.token_id)
    client.service_principals.delete(principal.id)


def warehouses():
    warehouse = client.warehouses.create_and_wait(name="py", cluster_size="Small", max_num_clusters=1)
    assert warehouse.state == sql.State.RUNNING, warehouse
    assert client.statement_execution.execute_statement("select 1", warehouse.id).result.data_array == [["1"]]
    assert client.warehouses.stop_and_wait(warehouse.id).state == sql.State.STOPPED
    assert client.warehouses.start_and_wait(warehouse.id).state == sql.State.RUNNING
    assert client.warehouses.edit_and_wait(warehouse.id, name="py2", cluster_size="Small", max_num_clusters=2).name == "py2"
    assert [d.warehouse_id for d in client.data_sources.list()] == [warehouse.id]
    assert [x.name for x in client.warehouses.list()] == ["py2"]
    client.warehouses.set_permissions(
        warehouse.id,
        access_control_list=[
            sql.WarehouseAccessControlRequest(group_name="users", permission_level=sql.WarehousePermissionLevel.CAN_USE),
            sql.WarehouseAccessControlRequest(user_name=me.user_name, permission_level=sql.WarehousePermissionLevel.IS_OWNER),
        ],
    )
    assert "users" in [a.group_name for a in client.warehouses.get_permissions(warehouse.id).access_control_list]
    client.warehouses.delete(warehouse.id)


def catalogs():
    client.catalogs.create("py_cat", comment="c")
    client.schemas.create("raw", "py_cat")
    assert {s.name for s in client.schemas.list("py_cat")} == {"default", "raw"}
    client.volumes.create("py_cat", "raw", "in", catalog.VolumeType.MANAGED)
    client.files.create_directory("/Volumes/py_cat/raw/in/a")
    client.files.upload("/Volumes/py_cat/raw/in/a/b.txt", io.BytesIO(b"hello"), overwrite=True)
    assert client.files.download("/Volumes/py_cat/raw/in/a/b.txt").contents.read() == b"hello"
    assert client.files.get_metadata("/Volumes/py_cat/raw/in/a/b.txt").content_length == 5
    assert [e.name for e in client.files.list_directory_contents("/Volumes/py_cat/raw/in")] == ["a"]
    expect_error(AlreadyExists, lambda: client.files.upload("/Volumes/py_cat/raw/in/a/b.txt", io.BytesIO(b""), overwrite=False))
    with client.dbfs.open("/Volumes/py_cat/raw/in/c.txt", write=True) as out:
        out.write(b"via dbfs")
    client.files.upload("/Volumes/py_cat/raw/in/large", io.BytesIO(b"y" * 60_000_000), overwrite=True)
    assert client.files.get_metadata("/Volumes/py_cat/raw/in/large").content_length == 60_000_000
    change = catalog.PermissionsChange(principal="team", add=[catalog.Privilege.USE_SCHEMA])
    client.grants.update("schema", "py_cat.raw", changes=[change])
    assert client.grants.get("schema", "py_cat.raw").privilege_assignments[0].principal == "team"
    assert client.grants.get_effective("volume", "py_cat.raw.in").privilege_assignments[0].principal == "team"
    assert [v.name for v in client.volumes.list("py_cat", "raw")] == ["in"]
    assert list(client.tables.list("py_cat", "raw")) == []
    assert client.volumes.update("py_cat.raw.in", new_name="out").name == "out"
    assert client.schemas.update("py_cat.raw", comment="x").comment == "x"
    assert client.catalogs.update("py_cat", new_name="py_dog").name == "py_dog"
    assert client.metastores.current().metastore_id == client.catalogs.get("py_dog").metastore_id
    client.workspace_bindings.update_bindings("catalog", "py_dog", add=[catalog.WorkspaceBinding(workspace_id=client.get_workspace_id())])
    assert [b.workspace_id for b in client.workspace_bindings.get_bindings("catalog", "py_dog")] == [client.get_workspace_id()]
    expect_error(BadRequest, lambda: client.catalogs.delete("py_dog"))
    client.catalogs.delete("py_dog", force=True)
    expect_error(NotFound, lambda: client.catalogs.get("py_dog"))


def principals_and_permissions(cluster_id):
    user = client.users.create(user_name="py@example.com")
    group = client.groups.create(display_name="py", members=[iam.ComplexValue(value=user.id)])
    assert [u.id for u in client.users.list(filter='userName eq "py@example.com"')] == [user.id]
    client.users.patch(
        user.id,
        operations=[iam.Patch(op=iam.PatchOp.ADD, path="entitlements", value=[{"value": "allow-cluster-create"}])],
        schemas=[iam.PatchSchema.URN_IETF_PARAMS_SCIM_API_MESSAGES_2_0_PATCH_OP],
    )
    assert [e.value for e in client.users.get(user.id).entitlements] == ["allow-cluster-create"]
    client.users.update(user.id, user_name="py@example.com", display_name="Py")
    assert client.users.get(user.id).display_name == "Py"
    assert [m.value for m in client.groups.get(group.id).members] == [user.id]
    level = iam.PermissionLevel.CAN_RESTART
    client.permissions.update(
        "clusters", cluster_id, access_control_list=[iam.AccessControlRequest(group_name="py", permission_level=level)]
    )
    acl = {a.group_name: a.all_permissions for a in client.permissions.get("clusters", cluster_id).access_control_list if a.group_name}
    assert acl["py"][0].permission_level == level and acl["admins"][0].inherited, acl
    client.permissions.update("authorization", "tokens", access_control_list=[])
    expect_error(ResourceConflict, lambda: client.users.create(user_name="py@example.com"))
    client.groups.delete(group.id)
    client.users.delete(user.id)
    expect_error(NotFound, lambda: client.users.get(user.id))


def repos_and_git():
    credential = client.git_credentials.create("gitHub", git_username="me", personal_access_token="x")
    client.git_credentials.update(credential.credential_id, "gitHub", git_username="you")
    assert [c.git_username for c in client.git_credentials.list()] == ["you"]
    client.workspace.mkdirs(f"/Repos/{me.user_name}")
    repo = client.repos.create("https://github.com/a/b.git", "gitHub", path=f"/Repos/{me.user_name}/b")
    client.repos.update(repo.id, branch="dev")
    assert client.repos.get(repo.id).branch == "dev"
    assert [r.id for r in client.repos.list()] == [repo.id]
    client.repos.delete(repo.id)
    client.git_credentials.delete(credential.credential_id)


assert me.user_name == "admin@lakeform.local", me
cluster_id = clusters_and_libraries()
policies_and_pools()
jobs_and_runs(cluster_id)
dbfs()
workspace_objects()
secrets()
tokens()
warehouses()
catalogs()
principals_and_permissions(cluster_id)
repos_and_git()
client.clusters.permanent_delete(cluster_id)
expect_error(ResourceDoesNotExist, lambda: client.clusters.get(cluster_id))
print("ok")
