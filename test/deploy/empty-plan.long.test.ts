/**
 * Random stacks, one per kind: review and deploy without Terraform give the result of Terraform's
 * plan.
 */
import fs from "node:fs";
import path from "node:path";
import { resourceTypes } from "../../src/resources/shape/schema";
import type { Review } from "../../src/review";
import { policies } from "../../src/review/policies/all";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { makeProject, removeFolders, setResource } from "../support/project";
import { prepareRandom, randomResources, type RandomResource } from "../support/random-kinds";
import type { JsonObject } from "../support/replay-format";
import { callRest } from "../support/rest";
import { scaled } from "../support/scale";
import { useWorkspace } from "../support/workspace";

const seed = Number(process.env["LAKEFORM_SEED"] ?? "20240103");
const count = scaled(10, 2);
/** Random configurations violate policies, such as those of clusters. */
const profileSettings = { policies: Object.fromEntries(policies.map(({ id }) => [id, "off"])) };
/** Kinds whose random configurations contain a secret in clear text, which a policy rejects. */
const kindsWithSecrets = [
  "connection",
  "credential",
  "git_credential",
  "notification_destination",
  "secret",
  "storage_credential",
];

describe(`a deploy without changes (LAKEFORM_SEED=${seed})`, () => {
  const workspace = useWorkspace();
  let root: string;
  const stacks = new Map<
    string,
    { readonly type: string; readonly resources: readonly RandomResource[] }
  >();

  const call = (method: string, route: string, body?: unknown): Promise<JsonObject> =>
    callRest(workspace, method, route, body) as Promise<JsonObject>;
  const run = (...words: string[]): Promise<CliResult> =>
    lakeform(root, words, {
      LAKEFORM_LOCAL_HOST: workspace.host,
      LAKEFORM_LOCAL_TOKEN: workspace.token,
    });
  const readState = (stack: string): string =>
    fs.readFileSync(path.join(root, ".lakeform", "state", `${stack}.tfstate`), "utf8");
  const readStates = (): Record<string, string> =>
    Object.fromEntries([...stacks.keys()].map((name) => [name, readState(name)]));
  const resourceOf = (
    type: string,
    resources: readonly RandomResource[],
    config: (resource: RandomResource) => JsonObject,
  ): JsonObject => ({
    [type]: Object.fromEntries(resources.map((resource, i) => [`r${i}`, config(resource)])),
  });

  beforeAll(async () => {
    const prerequisites = await prepareRandom({ call }, count);
    const otherTypes = resourceTypes().filter(
      (type) =>
        type !== "databricks_job" && !kindsWithSecrets.includes(type.replace("databricks_", "")),
    );
    // With LAKEFORM_LONG_SCALE < 1, each seed selects other kinds.
    const firstType = seed % otherTypes.length;
    const types = [
      "databricks_job",
      ...[...otherTypes.slice(firstType), ...otherTypes.slice(0, firstType)].slice(
        0,
        scaled(otherTypes.length, 2),
      ),
    ];
    const project: Record<string, object> = {};
    for (const type of types) {
      const name = `${type.replace("databricks_", "").replaceAll("_", "-")}-local`;
      const resources = randomResources(type, prerequisites, count, seed);
      stacks.set(name, { type, resources });
      const resource = resourceOf(type, resources, ({ config }) => config);
      project[name] = { profileSettings, resource };
    }
    root = makeProject(project);
  }, 60_000);
  afterAll(removeFolders);

  /**
   * Compares a review with Terraform's own plan.
   * @returns the stacks that were reviewed without Terraform
   */
  async function compareReviews(): Promise<string[]> {
    const quickReview = await run("review", "local", "--format", "json");
    const fullReview = await run("review", "local", "--format", "json", "--full");
    expect(fullReview.stderr).not.toContain("Terraform is not needed");
    expect(JSON.parse(quickReview.stdout)).toEqual(JSON.parse(fullReview.stdout));
    const withoutTerraform = [
      ...quickReview.stderr.matchAll(/^(\S+): no changes, Terraform is not needed/gm),
    ].map(([, name = ""]) => name);
    const { stacks: reviewedStacks } = JSON.parse(quickReview.stdout) as Review;
    // The embedded provider plans every change.
    expect(reviewedStacks.flatMap(({ leftOut }) => leftOut)).toEqual([]);
    for (const name of withoutTerraform)
      expect([name, reviewedStacks.find(({ stack }) => stack === name)?.changes]).toEqual([
        name,
        [],
      ]);
    return withoutTerraform;
  }

  test("does not start Terraform after a first deploy, nor after the deploy of a change of each object", async () => {
    const deploy = async (): Promise<void> => {
      const { code, stderr } = await run("deploy", "local", "--auto-approve", "--quiet");
      // Some kinds have fields that REST does not return: they drift after the deploy.
      expect([code, code === 1 || stderr.includes("POLICY_VIOLATED") ? stderr : ""]).toEqual([
        code === 0 ? 0 : 2,
        "",
      ]);
    };
    await deploy();
    expect(await compareReviews()).toContain("job-local");
    const statesBefore = readStates();
    await deploy();
    expect(readStates()).toEqual(statesBefore);
    for (const [name, { type, resources }] of stacks)
      setResource(
        root,
        name,
        resourceOf(type, resources, ({ config, changed }) => changed?.config ?? config),
      );
    expect(await compareReviews()).not.toContain("job-local");
    await deploy();
    expect(await compareReviews()).toContain("job-local");
  }, 600_000);

  test("starts Terraform for a changed, added or removed job in the workspace", async () => {
    const { jobs = [] } = (await call("GET", "/api/2.2/jobs/list?name=job-0")) as {
      jobs?: { job_id: number }[];
    };
    const job_id = jobs[0]?.job_id;
    expectExit(await run("review", "job-local"), 0);
    await call("POST", "/api/2.2/jobs/update", { job_id, new_settings: { timeout_seconds: 77 } });
    expect(await compareReviews()).not.toContain("job-local");
    await call("POST", "/api/2.2/jobs/delete", { job_id });
    expect(await compareReviews()).not.toContain("job-local");
  }, 300_000);

  test("refreshes at a destroy only the stack whose job was deleted", async () => {
    const { stderr, ...result } = await run("destroy", "local", "--auto-approve");
    expectExit({ stderr, ...result }, 0);
    expect(stderr).toContain("planning job-local (with a refresh: ");
    expect(stderr).toMatch(/planning (?!job-local)\S+ \(without a refresh: /);
    for (const text of Object.values(readStates()))
      expect((JSON.parse(text) as { resources: unknown }).resources).toEqual([]);
  }, 300_000);
});
