import http from "node:http";
import { base64, serve, type Caller, type Server } from "./http-client";

/**
 * Calls of real clients that the other tests do not cover: official provider, Go CLI, Airflow, dbt,
 * mlflow, pytester.
 */
let server: Server;
let api: Caller;
const ME = "admin@lakeform.local";
beforeAll(async () => {
  server = await serve();
  api = server.api;
});
afterAll(() => server.workspace.close());

interface ApiResponse {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Sends a GET with a body, which fetch cannot send. */
const getWithBody = (
  path: string,
  body: string,
  headers: Record<string, string> = { "content-type": "application/json" },
): Promise<ApiResponse> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.workspace.host);
    const allHeaders = {
      authorization: `Bearer ${server.workspace.token}`,
      "content-length": String(Buffer.byteLength(body)),
      ...headers,
    };
    http
      .request({ hostname, port, path, method: "GET", headers: allHeaders }, (response) => {
        let text = "";
        response
          .setEncoding("utf8")
          .on("data", (chunk: string) => (text += chunk))
          .on("end", () =>
            resolve({
              status: response.statusCode ?? 0,
              body: JSON.parse(text) as Record<string, unknown>,
            }),
          );
      })
      .on("error", reject)
      .end(body);
  });

const accessList = (response: {
  body: Record<string, unknown>;
}): {
  group_name?: string;
  user_name?: string;
  service_principal_name?: string;
  all_permissions: { permission_level: string; inherited: boolean }[];
}[] => response.body.access_control_list as never;
const createWarehouse = async (name: string): Promise<string> =>
  String((await api("POST", "/api/2.0/sql/warehouses", { name, cluster_size: "Small" })).body.id);

describe("permissions", () => {
  it("return the type names that the official provider expects", async () => {
    const job = (
      await api("POST", "/api/2.2/jobs/create", {
        name: "j",
        tasks: [{ task_key: "t", notebook_task: { notebook_path: "/a" } }],
      })
    ).body.job_id;
    const cluster = (
      await api("POST", "/api/2.1/clusters/create", {
        spark_version: "15.4.x-scala2.12",
        node_type_id: "i3.xlarge",
        num_workers: 1,
      })
    ).body.cluster_id;
    const pool = (
      await api("POST", "/api/2.0/instance-pools/create", {
        instance_pool_name: "p",
        node_type_id: "i3.xlarge",
      })
    ).body.instance_pool_id;
    const policy = (
      await api("POST", "/api/2.0/policies/clusters/create", { name: "p", definition: "{}" })
    ).body.policy_id;
    const objectId = async (path: string): Promise<unknown> =>
      (await api("GET", `/api/2.0/workspace/get-status?path=${path}`)).body.object_id;
    await api("POST", "/api/2.0/workspace/import", {
      path: "/Shared/n",
      language: "PYTHON",
      content: base64("1"),
    });
    await api("POST", "/api/2.0/workspace/import", {
      path: "/Shared/f",
      format: "RAW",
      content: base64("1"),
    });
    const repo = (await api("POST", "/api/2.0/repos", { url: "https://github.com/a/b" })).body.id;
    const warehouseId = await createWarehouse("types");
    const expectedTypes: readonly (readonly [string, string])[] = [
      [`jobs/${String(job)}`, "job"],
      [`clusters/${String(cluster)}`, "cluster"],
      [`instance-pools/${String(pool)}`, "instance-pool"],
      [`cluster-policies/${String(policy)}`, "cluster-policy"],
      [`notebooks/${String(await objectId("/Shared/n"))}`, "notebook"],
      [`files/${String(await objectId("/Shared/f"))}`, "file"],
      [`directories/${String(await objectId("/Shared"))}`, "directory"],
      [`repos/${String(repo)}`, "repo"],
      [`sql/warehouses/${warehouseId}`, "warehouses"],
      [`warehouses/${warehouseId}`, "warehouses"],
      ["authorization/tokens", "tokens"],
      ["authorization/passwords", "passwords"],
      ["registered-models/root", "registered-model"],
    ];
    for (const [path, type] of expectedTypes)
      expect([path, (await api("GET", `/api/2.0/permissions/${path}`)).body.object_type]).toEqual([
        path,
        type,
      ]);
  });

  it("of a warehouse need no owner, unlike those of a job, and use the last of two entries for one principal", async () => {
    const id = await createWarehouse("owners");
    const entries = [
      { group_name: "users", permission_level: "CAN_MANAGE" },
      { group_name: "users", permission_level: "CAN_USE" },
    ];
    const putResponse = await api("PUT", `/api/2.0/permissions/sql/warehouses/${id}`, {
      access_control_list: entries,
    });
    expect([
      putResponse.status,
      accessList(putResponse).find((item) => item.group_name === "users")?.all_permissions,
    ]).toEqual([200, [{ permission_level: "CAN_USE", inherited: false }]]);
    const job = (await api("POST", "/api/2.2/jobs/create", { name: "j", tasks: [] })).body.job_id;
    expect(
      (
        await api("PUT", `/api/2.0/permissions/jobs/${String(job)}`, {
          access_control_list: [{ group_name: "users", permission_level: "CAN_VIEW" }],
        })
      ).status,
    ).toBe(400);
  });

  it("exist for the root folder, all registered models and the use of tokens, and list the admins once", async () => {
    await api("POST", "/api/2.0/preview/scim/v2/Groups", { displayName: "team" });
    for (const [root, level] of [
      ["directories/0", "CAN_READ"],
      ["registered-models/root", "CAN_READ"],
      ["authorization/tokens", "CAN_USE"],
    ] as const) {
      const entries = [
        { group_name: "team", permission_level: level },
        { group_name: "admins", permission_level: "CAN_MANAGE" },
      ];
      expect(
        (await api("PUT", `/api/2.0/permissions/${root}`, { access_control_list: entries })).status,
      ).toBe(200);
      const response = await api("GET", `/api/2.0/permissions/${root}`);
      expect(response.body.object_id).toBe(`/${root}`);
      expect(
        accessList(response).map(({ group_name, all_permissions }) => [
          group_name,
          all_permissions,
        ]),
      ).toEqual([
        ["team", [{ permission_level: level, inherited: false }]],
        ["admins", [{ permission_level: "CAN_MANAGE", inherited: false }]],
      ]);
      await api("PUT", `/api/2.0/permissions/${root}`, { access_control_list: [] });
      expect(
        accessList(await api("GET", `/api/2.0/permissions/${root}`)).map(
          ({ group_name }) => group_name,
        ),
      ).toEqual(["admins"]);
    }
  });

  it("name a service principal that was created with only a display name", async () => {
    const created = await api("POST", "/api/2.0/preview/scim/v2/ServicePrincipals", {
      displayName: "ci",
    });
    const principal = await api(
      "GET",
      `/api/2.0/preview/scim/v2/ServicePrincipals/${String(created.body.id)}?attributes=userName,displayName,active,externalId,entitlements`,
    );
    expect(principal.body).toMatchObject({
      applicationId: created.body.applicationId,
      displayName: "ci",
    });
    const [listedPrincipal] = (
      await api("GET", "/api/2.0/preview/scim/v2/ServicePrincipals?attributes=id,displayName")
    ).body.Resources as object[];
    expect(listedPrincipal).toHaveProperty("applicationId");
    const id = await createWarehouse("principals");
    const putResponse = await api("PUT", `/api/2.0/permissions/sql/warehouses/${id}`, {
      access_control_list: [
        { service_principal_name: principal.body.applicationId, permission_level: "CAN_USE" },
      ],
    });
    expect(accessList(putResponse).map((item) => item.service_principal_name)).toContain(
      created.body.applicationId,
    );
  });

  it("of a submitted run's job can be read and changed, although no call returns the job", async () => {
    const submittedRun = await api("POST", "/api/2.2/jobs/runs/submit", {
      run_name: "dbt",
      tasks: [{ task_key: "t", notebook_task: { notebook_path: "/a" } }],
      access_control_list: [{ group_name: "users", permission_level: "CAN_VIEW" }],
    });
    const job = String(
      (await api("GET", `/api/2.2/jobs/runs/get?run_id=${String(submittedRun.body.run_id)}`)).body
        .job_id,
    );
    const path = `/api/2.0/permissions/jobs/${job}`;
    const levels = async (): Promise<unknown> =>
      accessList(await api("GET", path)).map((item) => [
        item.user_name ?? item.group_name,
        item.all_permissions[0]?.permission_level,
      ]);
    expect(await levels()).toEqual([
      [ME, "IS_OWNER"],
      ["users", "CAN_VIEW"],
      ["admins", "CAN_MANAGE"],
    ]);
    expect(
      (
        await api("PATCH", path, {
          access_control_list: [{ group_name: "users", permission_level: "CAN_MANAGE" }],
        })
      ).status,
    ).toBe(200);
    expect(await levels()).toContainEqual(["users", "CAN_MANAGE"]);
    expect((await api("GET", `${path}/permissionLevels`)).status).toBe(200);
    expect((await api("GET", `/api/2.2/jobs/runs/list?job_id=${job}`)).body.runs).toHaveLength(1);
    expect((await api("POST", "/api/2.2/jobs/runs/cancel-all", { job_id: job })).status).toBe(200);
    expect((await api("GET", `/api/2.2/jobs/get?job_id=${job}`)).status).toBe(400);
    expect((await api("GET", "/api/2.2/jobs/list?name=dbt")).body.jobs).toBeUndefined();
    expect((await api("GET", "/api/2.0/permissions/jobs/987654321")).status).toBe(404);
  });
});

describe("requests", () => {
  it("may have the parameters of a GET in the body", async () => {
    const job = (
      await api("POST", "/api/2.2/jobs/create", {
        name: "j",
        tasks: [{ task_key: "t", notebook_task: { notebook_path: "/a" } }],
      })
    ).body.job_id;
    const run = (await api("POST", "/api/2.2/jobs/run-now", { job_id: job })).body.run_id;
    expect(
      await getWithBody("/api/2.2/jobs/runs/get", JSON.stringify({ run_id: run })),
    ).toMatchObject({
      status: 200,
      body: { run_id: run },
    });
    expect(
      await getWithBody("/api/2.1/jobs/get", JSON.stringify({ job_id: job }), {}),
    ).toMatchObject({
      status: 200,
      body: { job_id: job },
    });
    expect(await getWithBody("/api/2.0/workspace/get-status", '{"path":"/Shared"}')).toMatchObject({
      status: 200,
      body: { path: "/Shared" },
    });
    expect(await getWithBody("/api/2.0/workspace/get-status?path=/Users", "")).toMatchObject({
      status: 200,
      body: { path: "/Users" },
    });
    expect(await getWithBody("/api/2.2/jobs/runs/get", "{")).toMatchObject({
      status: 400,
      body: { error_code: "MALFORMED_REQUEST" },
    });
  });

  it("may have double slashes", async () => {
    const repo = (await api("POST", "/api/2.0/repos", { url: "https://github.com/a/twice" })).body
      .id;
    expect((await api("PATCH", `/api/2.0/repos//${String(repo)}`, { branch: "b" })).status).toBe(
      200,
    );
    expect((await api("GET", `//api/2.0//repos///${String(repo)}`)).body).toMatchObject({
      branch: "b",
    });
    expect((await api("DELETE", `/api/2.0/repos//${String(repo)}`)).status).toBe(200);
    expect((await api("GET", "/api/2.0//no-such//thing")).status).toBe(501);
  });
});

describe("Git folders and files", () => {
  it("can be created in a user's own folders below /Users and /Repos, also after a deletion, but not in those of others", async () => {
    const bob = await server.asUser("bob@example.com");
    const repoRequest = { url: "https://github.com/a/b", path: "/Repos/bob@example.com/b" };
    expect((await bob("POST", "/api/2.0/repos", repoRequest)).status).toBe(200);
    await api("POST", "/api/2.0/workspace/delete", {
      path: "/Repos/bob@example.com",
      recursive: true,
    });
    expect((await bob("POST", "/api/2.0/repos", repoRequest)).status).toBe(200);
    expect(
      (await bob("POST", "/api/2.0/repos", { ...repoRequest, path: "/Repos/carol@example.com/b" }))
        .status,
    ).toBe(404);
    expect(
      (
        await bob("POST", "/api/2.0/repos", {
          url: "https://github.com/a/c",
          path: "/Workspace/Users/bob@example.com/c",
        })
      ).status,
    ).toBe(200);
  });

  it.each(["github", "GITHUB", "gitHub"])(
    "accept the spelling %s of a Git provider",
    async (provider) => {
      const repo = await api("POST", "/api/2.0/repos", {
        url: "https://git.example.com/a/b",
        provider,
        path: `/Repos/${ME}/${provider}`,
      });
      expect(repo).toMatchObject({ status: 200, body: { provider: "gitHub" } });
      const { body } = await api("POST", "/api/2.0/git-credentials", {
        git_provider: provider,
        git_username: "u",
        personal_access_token: "t",
      });
      expect(body.git_provider).toBe("gitHub");
      await api("DELETE", `/api/2.0/git-credentials/${String(body.credential_id)}`);
      const task = { task_key: "t", notebook_task: { notebook_path: "a", source: "GIT" } };
      expect(
        (
          await api("POST", "/api/2.2/jobs/create", {
            name: "g",
            git_source: {
              git_url: "https://git.example.com/a",
              git_provider: provider,
              git_branch: "main",
            },
            tasks: [task],
          })
        ).status,
      ).toBe(200);
    },
  );

  it("can be written and read at the old address of DBFS, with a token", async () => {
    const bytes = Buffer.from([0, 1, 255, 10, 13]);
    expect((await api("POST", "/dbfs/mlflow-experiments/1/a%20b.tar.gz", bytes)).status).toBe(200);
    expect(
      (await api("POST", "/dbfs/mlflow-experiments/1/a%20b.tar.gz", Buffer.concat([bytes, bytes])))
        .status,
    ).toBe(200);
    expect(
      (await api("GET", "/api/2.0/dbfs/get-status?path=/mlflow-experiments/1/a%20b.tar.gz")).body,
    ).toMatchObject({ file_size: 10 });
    expect(
      (await api("GET", "/api/2.0/dbfs/read?path=/mlflow-experiments/1/a%20b.tar.gz&length=5")).body
        .data,
    ).toBe(bytes.toString("base64"));
    const response = await fetch(
      `${server.workspace.host}/dbfs/mlflow-experiments/1/a%20b.tar.gz`,
      {
        headers: { authorization: `Bearer ${server.workspace.token}` },
      },
    );
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.concat([bytes, bytes]));
    expect(
      (await fetch(`${server.workspace.host}/dbfs/x`, { method: "POST", body: "a" })).status,
    ).toBe(401);
    expect((await api("GET", "/dbfs/none")).status).toBe(404);
    expect((await api("POST", "/dbfs/empty", Buffer.alloc(0))).status).toBe(200);
  });
});

describe("clusters and policies", () => {
  it("omit data_security_mode if the request omitted it", async () => {
    const spec = { spark_version: "15.4.x-scala2.12", node_type_id: "i3.xlarge", num_workers: 1 };
    const securityMode = async (overrides: object): Promise<unknown> => {
      const { body } = await api("POST", "/api/2.1/clusters/create", { ...spec, ...overrides });
      return (await api("GET", `/api/2.1/clusters/get?cluster_id=${String(body.cluster_id)}`)).body
        .data_security_mode;
    };
    expect([
      await securityMode({}),
      await securityMode({ data_security_mode: "USER_ISOLATION" }),
    ]).toEqual([undefined, "USER_ISOLATION"]);
  });

  it("include the platform's own policies from the start, which can be changed and reset, but not deleted", async () => {
    const listPolicies = async (): Promise<
      { name: string; policy_id: string; definition: string; is_default: boolean }[]
    > => (await api("GET", "/api/2.0/policies/clusters/list")).body.policies as never;
    const personalPolicy = (await listPolicies()).find(({ name }) => name === "Personal Compute");
    expect(personalPolicy).toMatchObject({ is_default: true, policy_family_id: "personal-vm" });
    const id = personalPolicy?.policy_id;
    const overrides = JSON.stringify({ autotermination_minutes: { type: "fixed", value: 30 } });
    const edit = (overrides: object): Promise<ApiResponse> =>
      api("POST", "/api/2.0/policies/clusters/edit", {
        policy_id: id,
        name: "Personal Compute",
        policy_family_id: "personal-vm",
        ...overrides,
      });
    expect((await edit({ policy_family_definition_overrides: overrides })).status).toBe(200);
    expect((await listPolicies()).find(({ policy_id }) => policy_id === id)?.definition).toContain(
      '"value":30',
    );
    expect((await edit({})).status).toBe(200);
    expect((await listPolicies()).find(({ policy_id }) => policy_id === id)).toEqual({
      ...personalPolicy,
    });
    expect((await api("POST", "/api/2.0/policies/clusters/delete", { policy_id: id })).status).toBe(
      400,
    );
    const bob = await server.asUser("bob@example.com");
    expect((await bob("GET", "/api/2.0/policies/clusters/list")).body.policies).toMatchObject([
      { name: "Personal Compute" },
    ]);
  });
});

describe("users", () => {
  it("have names in lower case, also when an access list creates them; a duplicate is rejected with the platform's message", async () => {
    const createUser = (userName: string): ReturnType<Caller> =>
      api("POST", "/api/2.0/preview/scim/v2/Users", { userName });
    const created = await createUser("Dana.Smith@Example.com");
    expect(created).toMatchObject({ status: 201, body: { userName: "dana.smith@example.com" } });
    const duplicate = await createUser("Dana.Smith@Example.com");
    expect(duplicate).toMatchObject({
      status: 409,
      body: { detail: "User with username Dana.Smith@Example.com already exists.", status: "409" },
    });
    expect(duplicate.body.scimType).toBeUndefined();
    const filter = encodeURIComponent('userName eq "DANA.smith@example.com"');
    expect(
      (await api("GET", `/api/2.0/preview/scim/v2/Users?filter=${filter}`)).body.Resources,
    ).toMatchObject([{ id: created.body.id }]);
    expect(
      (
        await api("PUT", `/api/2.0/preview/scim/v2/Users/${String(created.body.id)}`, {
          userName: "DANA@example.com",
        })
      ).body.userName,
    ).toBe("dana@example.com");
    const id = await createWarehouse("spelling");
    await api("PUT", `/api/2.0/permissions/sql/warehouses/${id}`, {
      access_control_list: [{ user_name: "New.User@Example.com", permission_level: "CAN_USE" }],
    });
    expect(
      (
        await api(
          "GET",
          `/api/2.0/preview/scim/v2/Users?filter=${encodeURIComponent('userName eq "new.user@example.com"')}`,
        )
      ).body.Resources,
    ).toMatchObject([{ userName: "new.user@example.com" }]);
  });
});
