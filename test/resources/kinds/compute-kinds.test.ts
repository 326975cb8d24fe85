/**
 * Jobs, clusters, policies, pools, libraries and warehouses over REST, against the local workspace:
 * read, list, restore, removal, rules.
 */
import { connect, readOnly, type Connection } from "../../../src/api";
import { cluster } from "../../../src/resources/kinds/cluster";
import { clusterPolicy } from "../../../src/resources/kinds/cluster-policy";
import { instancePool } from "../../../src/resources/kinds/instance-pool";
import { job } from "../../../src/resources/kinds/job";
import type { Attributes, Kind, Remote, WriteContext } from "../../../src/resources/kind";
import { library } from "../../../src/resources/kinds/library";
import { sameJson } from "../../../src/resources/shape/json";
import { schemaOf, useSchemaFor } from "../../../src/resources/shape/schema";
import { sqlEndpoint } from "../../../src/resources/kinds/sql-endpoint";
import { startWorkspace, type RunningWorkspace } from "../../../src/workspace/server";

const context: WriteContext = { directory: "/" };
const size = { spark_version: "15.4.x-scala2.12", node_type_id: "i3.xlarge" };

describe("kinds over REST", () => {
  let workspace: RunningWorkspace;
  let api: Connection;

  beforeAll(async () => {
    workspace = await startWorkspace();
    api = connect({ host: workspace.host, token: workspace.token });
  });
  afterAll(async () => {
    await api.close();
    await workspace.close();
  });

  const readExisting = async (kind: Kind, id: string, known: Attributes = {}): Promise<Remote> => {
    const remote = await kind.read(readOnly(api), id, { known });
    if (remote === undefined) throw new Error(`${kind.type} ${id} is missing`);
    return remote;
  };
  const listAll = async (kind: Kind, parent?: string): Promise<Remote[]> => {
    const items: Remote[] = [];
    for await (const item of kind.list?.(readOnly(api), parent) ?? []) items.push(item);
    return items;
  };

  const task = (key: string, dependencies: string[] = []): Attributes => ({
    task_key: key,
    notebook_task: [{ notebook_path: `/Shared/${key}`, base_parameters: { day: "1" } }],
    job_cluster_key: "shared",
    depends_on: dependencies.map((task_key) => ({ task_key })),
  });
  const etl: Attributes = {
    name: "etl",
    max_concurrent_runs: 1,
    tags: { lakeform: "p/s" },
    job_cluster: [{ job_cluster_key: "shared", new_cluster: [{ ...size, num_workers: 2 }] }],
    task: [task("b", ["a"]), task("a")],
    schedule: [
      { quartz_cron_expression: "0 0 5 * * ?", timezone_id: "UTC", pause_status: "UNPAUSED" },
    ],
    git_source: [{ url: "https://github.com/acme/etl", branch: "main" }],
  };

  test("return mounts of a cluster and of a job's cluster", async () => {
    const mount = {
      local_mount_dir_path: "/mnt/a",
      remote_mount_dir_path: "a",
      network_filesystem_info: [{ server_address: "nfs.example.com", mount_options: "ro" }],
    };
    const spec = { ...size, num_workers: 1, cluster_mount_info: [mount] };
    const created = await cluster.create(
      api,
      { ...spec, cluster_name: "mounted", no_wait: true },
      context,
    );
    expect((await readExisting(cluster, created.id)).attributes["cluster_mount_info"]).toEqual([
      mount,
    ]);
    const ofJob = await job.create(
      api,
      { ...etl, job_cluster: [{ job_cluster_key: "shared", new_cluster: [spec] }] },
      context,
    );
    expect((await readExisting(job, ofJob.id)).attributes["job_cluster"]).toMatchObject([
      { new_cluster: [{ cluster_mount_info: [mount] }] },
    ]);
    await job.delete(api, ofJob.id, {}, context);
    await cluster.delete(api, created.id, {}, context);
  });

  test("return values supplied by a policy with the cluster, read or listed", async () => {
    const definition = JSON.stringify({
      "custom_tags.team": { type: "fixed", value: "data" },
      "spark_conf.spark.speculation": { type: "unlimited", defaultValue: "true" },
      node_type_id: { type: "allowlist", values: ["i3.xlarge"] },
    });
    const policy = await clusterPolicy.create(api, { name: "tagged", definition }, context);
    const created = await cluster.create(
      api,
      { ...size, num_workers: 1, cluster_name: "tagged", policy_id: policy.id, no_wait: true },
      context,
    );
    const supplied = { "custom_tags.team": "data", "spark_conf.spark.speculation": "true" };
    expect((await readExisting(cluster, created.id)).policies).toEqual({ [policy.id]: supplied });
    expect(
      (await listAll(cluster)).find((item) => item.id === created.id)?.policies?.[policy.id],
    ).toEqual(supplied);
    expect(
      (await cluster.read(readOnly(api), created.id, { known: {}, deep: false }))?.policies,
    ).toBeUndefined();
    await cluster.delete(api, created.id, {}, context);
    await clusterPolicy.delete(api, policy.id, {}, context);
  });

  describe("job", () => {
    let id: string;
    beforeAll(async () => {
      ({ id } = await job.create(api, etl, context));
    });

    test("is read completely, in Terraform's format", async () => {
      const { attributes } = await readExisting(job, id);
      expect(attributes).toMatchObject({
        id,
        name: "etl",
        tags: { lakeform: "p/s" },
        url: `${workspace.host}/#job/${id}`,
        description: null,
      });
      expect(attributes["job_cluster"]).toMatchObject([
        { job_cluster_key: "shared", new_cluster: [{ ...size, num_workers: 2 }] },
      ]);
      expect(attributes["task"]).toMatchObject([
        { task_key: "a" },
        { task_key: "b", depends_on: [{ task_key: "a" }] },
      ]);
      expect(attributes["git_source"]).toMatchObject([
        { url: "https://github.com/acme/etl", provider: "gitHub", branch: "main" },
      ]);
      expect(attributes["run_as"]).toMatchObject([{ user_name: expect.any(String) as string }]);
    });

    test("is the same in the list, except for fields that the list omits", async () => {
      const [listed] = await listAll(job);
      const { attributes } = await readExisting(job, id);
      const { run_as: _read, ...otherAttributes } = attributes;
      const { run_as: _listed, ...otherListedAttributes } = listed?.attributes ?? {};
      expect(otherListedAttributes).toEqual(otherAttributes);
      expect(listed?.omitted).toEqual(["run_as"]);
    });

    test("is read and listed completely with more tasks than a page", async () => {
      const many = Array.from({ length: 230 }, (_, i) => task(`t${String(i).padStart(3, "0")}`));
      const created = await job.create(api, { ...etl, name: "many", task: many }, context);
      expect(((await readExisting(job, created.id)).attributes["task"] as unknown[]).length).toBe(
        230,
      );
      const listed = (await listAll(job)).find((item) => item.id === created.id);
      expect((listed?.attributes["task"] as unknown[]).length).toBe(230);
      await job.delete(api, created.id, {}, context);
    });

    test("is restored in place", async () => {
      await api.post("/api/2.2/jobs/update", {
        job_id: Number(id),
        new_settings: { name: "renamed", tags: {} },
        fields_to_remove: ["schedule"],
      });
      await job.restore?.(api, id, etl, context);
      expect((await readExisting(job, id)).attributes).toMatchObject({
        name: "etl",
        tags: { lakeform: "p/s" },
        schedule: [{ timezone_id: "UTC" }],
      });
    });

    test("keeps the order of tasks in Terraform's state", async () => {
      const remote = await readExisting(job, id);
      const state = job.toState?.(remote, etl, "write", true);
      expect((state?.["task"] as Attributes[]).map((item) => item["task_key"])).toEqual(["b", "a"]);
    });

    test.each([
      ["stamped", { lakeform: "p/s" }],
      ["unstamped", {}],
    ])("is found after a create that lost its response: %s", async (name, tags) => {
      workspace.faults.add({
        method: "POST",
        path: "/api/2.2/jobs/create",
        nth: 1,
        when: "after",
        drop: true,
      });
      const { id: createdId } = await job.create(api, { ...etl, name, tags }, context);
      expect((await readExisting(job, createdId)).attributes["name"]).toBe(name);
      workspace.faults.clear();
    });

    test("rejects an import id that is not a number", () => {
      expect(() => job.importId?.("abc")).toThrow("a job can only be imported by its id");
    });

    test("has a removal command", async () => {
      expect(job.removal(await readExisting(job, id))).toBe(
        `lakeform api POST /api/2.2/jobs/delete --json '{"job_id":${id}}'`,
      );
    });

    test("is missing after a delete", async () => {
      await job.delete(api, id, {}, context);
      expect(await job.read(readOnly(api), id, { known: {} })).toBeUndefined();
    });
  });

  describe("cluster", () => {
    const spec: Attributes = {
      cluster_name: "shared",
      ...size,
      num_workers: 1,
      autotermination_minutes: 20,
      is_pinned: true,
      library: [{ pypi: [{ package: "requests" }] }],
    };
    let id: string;
    beforeAll(async () => {
      ({ id } = await cluster.create(api, spec, context));
    }, 60_000);

    test("is read with its libraries and whether it is pinned", async () => {
      expect((await readExisting(cluster, id)).attributes).toMatchObject({
        cluster_name: "shared",
        num_workers: 1,
        is_pinned: true,
        state: "RUNNING",
        library: [{ pypi: [{ package: "requests", repo: null }] }],
      });
    });

    test("is listed with its libraries, or with a note that they are omitted if the list of all libraries is rejected", async () => {
      const listed = (await listAll(cluster)).find((item) => item.id === id);
      expect(listed?.omitted).toBeUndefined();
      const expected = {
        cluster_name: "shared",
        is_pinned: true,
        library: [{ pypi: [{ package: "requests", repo: null }] }],
      };
      expect(listed?.attributes).toMatchObject(expected);
      workspace.faults.add({
        path: "/api/2.0/libraries/all-cluster-statuses",
        status: 403,
        body: { error_code: "PERMISSION_DENIED" },
      });
      const withoutLibraries = (await listAll(cluster)).find((item) => item.id === id);
      workspace.faults.clear();
      expect([withoutLibraries?.omitted, withoutLibraries?.attributes.library]).toEqual([
        ["library"],
        undefined,
      ]);
    });

    test("is resized when only its size changes, and restored by an edit", async () => {
      await cluster.update?.(api, id, spec, { ...spec, num_workers: 3 }, context);
      expect(workspace.journal({ path: "/api/2.1/clusters/resize" })).toHaveLength(1);
      await cluster.restore?.(api, id, { ...spec, is_pinned: false, library: [] }, context);
      expect((await readExisting(cluster, id)).attributes).toMatchObject({
        num_workers: 1,
        is_pinned: false,
      });
    }, 60_000);

    test("has separate libraries that are installed, found by id, listed and removed", async () => {
      const planned: Attributes = {
        cluster_id: id,
        whl: "/Volumes/main/default/libs/x-0.1-py3-none-any.whl",
      };
      const created = await library.create(api, planned, context);
      expect(created.id).toBe("whl:/Volumes/main/default/libs/x-0.1-py3-none-any.whl");
      expect((await readExisting(library, created.id, planned)).attributes).toMatchObject(planned);
      expect((await listAll(library, id)).map((item) => item.id)).toContain(created.id);
      await library.delete(api, created.id, planned, context);
      expect(await library.read(readOnly(api), created.id, { known: planned })).toBeUndefined();
      expect(
        await library.read(readOnly(api), created.id, {
          known: { cluster_id: "0101-000000-gone0000" },
        }),
      ).toBeUndefined();
    }, 60_000);

    test("is missing after a delete, pinned or not", async () => {
      await api.post("/api/2.1/clusters/pin", { cluster_id: id });
      await cluster.delete(api, id, {}, context);
      expect(await cluster.read(readOnly(api), id, { known: {} })).toBeUndefined();
    });
  });

  test.each<[string, Kind, Attributes, Attributes, string]>([
    [
      "a policy",
      clusterPolicy,
      { name: "small", definition: '{"num_workers": {"type": "fixed", "value": 1}}' },
      { name: "tiny" },
      "name",
    ],
    [
      "a pool",
      instancePool,
      {
        instance_pool_name: "pool",
        node_type_id: "i3.xlarge",
        idle_instance_autotermination_minutes: 10,
        custom_tags: { a: "b" },
      },
      { instance_pool_name: "pool2" },
      "instance_pool_name",
    ],
    [
      "a warehouse",
      sqlEndpoint,
      {
        name: "wh",
        cluster_size: "Small",
        auto_stop_mins: 10,
        tags: [{ custom_tags: [{ key: "a", value: "b" }] }],
      },
      { auto_stop_mins: 20 },
      "auto_stop_mins",
    ],
  ])(
    "%s is created, read, listed, changed, restored and deleted",
    async (_name, kind, planned, change, field) => {
      const { id } = await kind.create(api, planned, context);
      const remote = await readExisting(kind, id);
      expect(remote.attributes).toMatchObject({ ...planned, id });
      expect((await listAll(kind)).find((item) => item.id === id)?.attributes).toMatchObject(
        planned,
      );
      await kind.update?.(api, id, remote.attributes, { ...remote.attributes, ...change }, context);
      expect((await readExisting(kind, id)).attributes[field]).toEqual(change[field]);
      await kind.restore?.(api, id, planned, context);
      expect((await readExisting(kind, id)).attributes).toMatchObject(planned);
      expect(kind.removal(remote)).toContain(id);
      await kind.delete(api, id, remote.attributes, context);
      expect(await kind.read(readOnly(api), id, { known: {} })).toBeUndefined();
    },
    60_000,
  );
});

describe("rules of the kinds", () => {
  // Rules may name fields that only the newest version has.
  beforeAll(() => useSchemaFor("1.132.0"));
  afterAll(() => useSchemaFor("1.99.0"));
  const hasField = (type: string, path: string): boolean => {
    const schema = schemaOf(type);
    let block = schema?.block;
    const steps = path.split(".");
    const last = steps.pop() ?? "";
    for (const step of steps) block = block?.blocks[step]?.block;
    return block?.attributes[last] !== undefined || block?.blocks[last] !== undefined;
  };

  test.each([job, cluster, clusterPolicy, instancePool, library, sqlEndpoint])(
    "$type: refer only to paths in the schema",
    (kind) => {
      const { keyed, backendDefaults, unverifiable, configOnly, equivalent } = kind.rules;
      const paths = [keyed, backendDefaults, unverifiable, configOnly, equivalent ?? {}].flatMap(
        (rules) => Object.keys(rules),
      );
      expect(paths.filter((path) => !hasField(kind.type, path))).toEqual([]);
      for (const { reason } of Object.values(backendDefaults)) expect(reason).not.toBe("");
    },
  );

  test("compare policies as JSON", () => {
    expect(sameJson('{"a": {"b": 1, "c": 2}}', '{"a":{"c":2,"b":1}}')).toBe(true);
    expect(sameJson('{"a": 1}', '{"a": 2}')).toBe(false);
    expect(sameJson("{not json", "{not json")).toBe(true);
  });

  test("reject a warehouse of an unknown size", () => {
    expect(sqlEndpoint.validate?.({ cluster_size: "Huge" })).toEqual([
      { path: "cluster_size", message: expect.stringContaining(`got "Huge"`) as string },
    ]);
  });
});
