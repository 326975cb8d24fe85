/**
 * Resources that verify cannot read or identify: modules, providers of other workspaces, unsupported
 * kinds, ambiguous names. Each is reported with its reason, and never counted as a match.
 */
import type { VerifyReport } from "../../src/verify";
import { desiredOfPlan } from "../../src/verify/desired/desired-of-plan";
import type { PlanJson, StateResource, SynthesizedStack } from "../../src/verify/input";
import { check, deployDirect, openLab, summary, type Deployed, type Lab } from "./harness";

let lab: Lab;
let deployed: Deployed;
beforeAll(async () => {
  lab = await openLab();
  deployed = await deployDirect(lab, { databricks_job: { one: { name: "one" } } });
});
afterAll(() => lab.close());

const inModule: StateResource = {
  mode: "managed",
  type: "databricks_directory",
  name: "d",
  module: 'module.shared["x"]',
  instances: [{ attributes: { id: "/Shared/m", path: "/Shared/m" } }],
};
const reasonOf = (report: VerifyReport, address: string): string | undefined =>
  report.resources.find((resource) => resource.address === address)?.reason;

describe("modules of a configuration in JSON", () => {
  const stack = (module: unknown): { stack: SynthesizedStack } => ({
    stack: { ...deployed.stack, module },
  });
  const withModule = (): Promise<Deployed["state"]> =>
    Promise.resolve({
      ...deployed.state,
      resources: [...structuredClone(deployed.state.resources), inModule],
    });

  test("are pending with exit code 2 before the deploy", async () => {
    const report = await check(lab, deployed, stack({ "//": {}, shared: { source: "./shared" } }));
    expect(summary(report)).toEqual(["pending module.shared"]);
    expect(report.exitCode).toBe(2);
  });

  test("are unverifiable after the deploy, like their resources in the state, and the reason names a workaround", async () => {
    const report = await check(lab, deployed, {
      ...stack({ shared: { source: "./shared" } }),
      state: withModule,
    });
    expect(summary(report)).toEqual([
      "unverifiable module.shared",
      'unverifiable module.shared["x"].databricks_directory.d',
    ]);
    expect(reasonOf(report, "module.shared")).toMatch(/--dir/);
    expect(report.exitCode).toBe(0);
  });

  test("are pending after their removal from the code", async () => {
    const report = await check(lab, deployed, { state: withModule });
    expect(summary(report)).toEqual(['pending module.shared["x"].databricks_directory.d']);
  });
});

describe("a provider of another workspace", () => {
  const stack = (provider: unknown, alias = "databricks.other"): { stack: SynthesizedStack } => ({
    stack: {
      provider: { databricks: provider },
      resource: { databricks_job: { one: { name: "one", provider: alias } } },
    },
  });
  const status = async (provider: unknown, alias?: string): Promise<string> => {
    const report = await check(lab, deployed, { ...stack(provider, alias), unmanaged: "none" });
    const [one] = report.resources;
    return `${one?.status ?? ""} ${one?.reason ?? ""} (${report.calls} calls)`;
  };

  test("is not read, and reported as unverifiable with its host", async () => {
    expect(await status([{}, { alias: "other", host: "https://other.example.com/" }])).toMatch(
      /^unverifiable its provider databricks.other uses https:\/\/other.example.com\/, but this run reads http.* \(0 calls\)/,
    );
    expect(await status([{}, { alias: "other", host: "${var.nowhere}" }])).toMatch(
      /^unverifiable .*cannot be evaluated here.*var.nowhere/,
    );
    expect(await status([{}, { alias: "other", profile: "PROD" }])).toMatch(
      /^unverifiable .*profile/,
    );
    expect(await status([{}])).toMatch(/^unverifiable .*not configured/);
    expect(await status([{ host: "https://other.example.com" }], "databricks")).toMatch(
      /^unverifiable .*other.example.com/,
    );
  });

  test("is read normally if it has this workspace's host, or no host", async () => {
    expect(
      await status([{}, { alias: "other", host: `${lab.workspace.host}/`, token: "x" }]),
    ).toMatch(/^match .*\(1 calls\)/);
    expect(await status([{}, { alias: "other" }])).toMatch(/^match/);
    expect(await status({}, "databricks")).toMatch(/^match/);
  });

  test("is recognised in a plan, also in modules", () => {
    const resource = (address: string): object => ({
      address,
      mode: "managed",
      type: "databricks_job",
      name: "j",
      values: { name: "n" },
    });
    const databricks = "registry.terraform.io/databricks/databricks";
    const plan = {
      planned_values: {
        root_module: {
          resources: [resource("databricks_job.a"), resource('databricks_job.b["k"]')],
          child_modules: [{ resources: [resource("module.m[0].databricks_job.c")] }],
        },
      },
      variables: { host: { value: "https://var.example.com" } },
      configuration: {
        provider_config: {
          databricks: {
            full_name: databricks,
            expressions: { host: { constant_value: "https://here.example.com" } },
          },
          "databricks.other": {
            full_name: databricks,
            alias: "other",
            expressions: { host: { references: ["var.host"] } },
          },
          "module.m:databricks": {
            full_name: databricks,
            expressions: { host: { references: ["data.x.y.z", "data.x.y"] } },
          },
        },
        root_module: {
          resources: [
            { address: "databricks_job.a", provider_config_key: "databricks" },
            { address: "databricks_job.b", provider_config_key: "databricks.other" },
          ],
          module_calls: {
            m: {
              module: {
                resources: [
                  { address: "databricks_job.c", provider_config_key: "module.m:databricks" },
                ],
              },
            },
          },
        },
      },
    } as PlanJson;
    const desired = desiredOfPlan({ plan }, "https://here.example.com");
    expect(
      Object.fromEntries([...desired].map(([address, { elsewhere }]) => [address, elsewhere])),
    ).toEqual({
      "databricks_job.a": undefined,
      'databricks_job.b["k"]':
        "its provider databricks.other uses https://var.example.com, but this run reads https://here.example.com",
      "module.m[0].databricks_job.c": expect.stringMatching(
        /cannot be evaluated here: data.x.y/,
      ) as string,
    });
  });
});

describe("kinds that lakeform cannot read", () => {
  const resource = {
    ...{
      random_id: { r: { byte_length: 4 } },
      databricks_mws_networks: { n: { network_name: "n" } },
    },
  };

  test("are reported by name as unverifiable if they are deployed, and pending otherwise", async () => {
    const state = (): Promise<Deployed["state"]> =>
      Promise.resolve({
        ...deployed.state,
        resources: [
          ...structuredClone(deployed.state.resources),
          ...Object.keys(resource).map((type): StateResource => ({
            mode: "managed",
            type,
            name: Object.keys(resource[type as "random_id"])[0] ?? "",
            instances: [{ attributes: { id: "1" } }],
          })),
        ],
      });
    const stack = { resource: { ...deployed.stack.resource, ...resource } };
    const report = await check(lab, deployed, { stack, state });
    expect(summary(report)).toEqual([
      "unverifiable databricks_mws_networks.n",
      "unverifiable random_id.r",
    ]);
    expect(reasonOf(report, "random_id.r")).toBe("lakeform cannot read random_id");
    const listed = report.notChecked.filter(({ reason }) => reason.includes("--with-terraform"));
    expect(listed.map(({ what, count, examples }) => [what, count, examples])).toEqual([
      ["databricks_mws_networks", 1, ["databricks_mws_networks.n"]],
      ["random_id", 1, ["random_id.r"]],
    ]);
    expect(summary(await check(lab, deployed, { stack }))).toEqual([
      "pending databricks_mws_networks.n",
      "pending random_id.r",
    ]);
  });
});

describe("--by-name", () => {
  test("several objects of one name are an error, and none is unmanaged, unless stamps show which one belongs to the stack", async () => {
    const second = (await lab.client.post("/api/2.2/jobs/create", { name: "one" })) as {
      job_id: number;
    };
    const ambiguous = await check(lab, deployed, { byName: true });
    expect(summary(ambiguous)).toEqual(["error databricks_job.one"]);
    expect(reasonOf(ambiguous, "databricks_job.one")).toMatch(
      /2 objects have this name and none has this stack's stamp/,
    );
    expect(ambiguous.exitCode).toBe(1);
    await lab.client.post("/api/2.2/jobs/update", {
      job_id: second.job_id,
      new_settings: { tags: { lakeform: "lab/other-stack" } },
    });
    expect(summary(await check(lab, deployed, { byName: true }))).toEqual([]);
    await lab.client.post("/api/2.2/jobs/update", {
      job_id: second.job_id,
      new_settings: { tags: { lakeform: "lab/lab-local" } },
    });
    const stamped = await check(lab, deployed, { byName: true, unmanaged: "none" });
    expect(stamped.resources[0]?.id).toBe(String(second.job_id));
    await lab.client.post("/api/2.2/jobs/delete", { job_id: second.job_id });
  });

  test("a resource whose name cannot be determined is unverifiable", async () => {
    const stack = { resource: { databricks_job: { one: { name: "${uuid()}" } } } };
    const report = await check(lab, deployed, { byName: true, stack, unmanaged: "none" });
    expect(summary(report)).toEqual(["unverifiable databricks_job.one"]);
  });
});

test("uses the selected Terraform workspace as terraform.workspace", async () => {
  const stack = { resource: { databricks_job: { one: { name: "${terraform.workspace}" } } } };
  expect(summary(await check(lab, deployed, { stack, workspace: "one" }))).toEqual([]);
  expect(summary(await check(lab, deployed, { stack }))).toEqual([
    "pending databricks_job.one name",
  ]);
});
