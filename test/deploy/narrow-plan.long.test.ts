/**
 * Deploys random changes to a stack with connected resources: the partial plan equals the plan of
 * the complete stack.
 */
import fc from "fast-check";
import fs from "node:fs";
import path from "node:path";
import type { Review } from "../../src/review";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { makeProject, removeFolders, setResource } from "../support/project";
import { scaled } from "../support/scale";
import { useWorkspace } from "../support/workspace";

const seed = Number(process.env["LAKEFORM_SEED"] ?? "20240104");
const size = 8;

interface StackShape {
  /** The settings of policies, jobs and secret scopes, by number. */
  readonly policies: readonly number[];
  readonly jobs: readonly {
    readonly runs: number;
    readonly policy?: number;
    readonly calls?: number;
  }[];
  readonly scopes: number;
}

const stackShape: fc.Arbitrary<StackShape> = fc.record({
  policies: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: size, maxLength: size }),
  jobs: fc.array(
    fc.record(
      {
        runs: fc.integer({ min: 1, max: 9 }),
        policy: fc.option(fc.nat(size - 1), { nil: undefined }),
        calls: fc.option(fc.nat(size - 2), { nil: undefined }),
      },
      { requiredKeys: ["runs"] },
    ),
    { minLength: size, maxLength: size },
  ),
  scopes: fc.integer({ min: size, max: size + 2 }),
});

/**
 * Omits what depends on the other resources of a plan: null and empty values, which are in the
 * state only if the reduced schema has their fields, and the list of dependencies.
 */
const withoutEmpty = (key: string, value: unknown): unknown =>
  value === null || (Array.isArray(value) && value.length === 0) || key === "dependencies"
    ? undefined
    : value;

/** A job may run the previous job, so that changes affect indirect dependents. */
function resourceOf({ policies, jobs, scopes }: StackShape): Record<string, unknown> {
  const job = ({ runs, policy, calls }: StackShape["jobs"][number], i: number): object => ({
    name: `job-${i}`,
    max_concurrent_runs: runs,
    job_cluster: [
      {
        job_cluster_key: "c",
        new_cluster: {
          spark_version: "15.4.x-scala2.12",
          node_type_id: "i3.xlarge",
          num_workers: 1,
          ...(policy !== undefined && { policy_id: `\${databricks_cluster_policy.p${policy}.id}` }),
        },
      },
    ],
    task: [
      { task_key: "a", job_cluster_key: "c", notebook_task: { notebook_path: "/a" } },
      ...(calls !== undefined && calls < i
        ? [{ task_key: "b", run_job_task: { job_id: `\${databricks_job.j${calls}.id}` } }]
        : []),
    ],
  });
  return {
    databricks_cluster_policy: Object.fromEntries(
      policies.map((value, i) => [
        `p${i}`,
        {
          name: `policy-${i}`,
          definition: JSON.stringify({ "custom_tags.n": { type: "fixed", value: String(value) } }),
        },
      ]),
    ),
    databricks_job: Object.fromEntries(jobs.map((item, i) => [`j${i}`, job(item, i)])),
    databricks_secret_scope: Object.fromEntries(
      Array.from({ length: scopes }, (_, i) => [`s${i}`, { name: `scope-${i}` }]),
    ),
  };
}

/** Returns a copy of `current` in which the elements at `indices` are those of `nextShape`. */
function mixShapes(
  current: StackShape,
  nextShape: StackShape,
  indices: readonly number[],
): StackShape {
  const pick = <T>(currentItems: readonly T[], otherItems: readonly T[]): readonly T[] =>
    currentItems.map((item, i) => (indices.includes(i) ? (otherItems[i] ?? item) : item));
  return {
    policies: indices[0] === 0 ? pick(current.policies, nextShape.policies) : current.policies,
    jobs: pick(current.jobs, nextShape.jobs),
    scopes: Math.max(current.scopes, nextShape.scopes),
  };
}

describe(`a deploy of a few changes (LAKEFORM_SEED=${seed})`, () => {
  const workspace = useWorkspace();
  let root: string;
  const rounds = scaled(20, 2);
  const [first, ...nextChanges] = fc.sample(
    fc.tuple(stackShape, fc.uniqueArray(fc.nat(size - 1), { minLength: 1, maxLength: 2 })),
    {
      numRuns: rounds + 1,
      seed,
    },
  );
  const env = (): NodeJS.ProcessEnv => ({
    LAKEFORM_LOCAL_HOST: workspace.host,
    LAKEFORM_LOCAL_TOKEN: workspace.token,
  });
  const run = (...words: string[]): Promise<CliResult> => lakeform(root, words, env());
  const stateOf = (): Map<string, string> => {
    const { resources } = JSON.parse(
      fs.readFileSync(path.join(root, ".lakeform", "state", "etl-local.tfstate"), "utf8"),
    ) as {
      resources: { type: string; name: string }[];
    };
    return new Map(
      resources.map((resource) => [
        `${resource.type}.${resource.name}`,
        JSON.stringify(resource, withoutEmpty),
      ]),
    );
  };

  beforeAll(async () => {
    const output = {
      scope: { value: "${databricks_secret_scope.s0.id}" },
      policy: { value: "${databricks_cluster_policy.p7.id}" },
    };
    root = makeProject({ "etl-local": { resource: resourceOf(first?.[0] as StackShape), output } });
    // The state has every field of the full schema; partial plans use a reduced one.
    expectExit(
      await lakeform(root, ["deploy", "local", "--auto-approve", "--quiet"], {
        ...env(),
        LAKEFORM_SCHEMA_CUT: "full",
      }),
      0,
    );
  }, 120_000);
  afterAll(removeFolders);

  test("has the same review as the complete plan, changes nothing else, and leaves an empty plan", async () => {
    let current = first?.[0] as StackShape;
    let partialPlanCount = 0;
    for (const [nextShape, indices] of nextChanges) {
      current = mixShapes(current, nextShape, indices);
      setResource(root, "etl-local", resourceOf(current));
      const partialReview = await run("review", "local", "--format", "json");
      const fullReview = await run("review", "local", "--format", "json", "--full");
      for (const item of [partialReview, fullReview]) expectExit(item, 0);
      expect(JSON.parse(partialReview.stdout)).toEqual(JSON.parse(fullReview.stdout));
      const changedAddresses = new Set(
        (JSON.parse(partialReview.stdout) as Review).stacks[0]?.changes.map(
          ({ address }) => address,
        ),
      );
      const stateBefore = stateOf();
      const deployResult = await run("deploy", "local", "--auto-approve");
      expectExit(deployResult, 0);
      if (/planning etl-local .*; \d+ of \d+ resources\)/.test(deployResult.stderr))
        partialPlanCount += 1;
      for (const [address, text] of stateOf())
        if (!changedAddresses.has(address))
          expect([address, text]).toEqual([address, stateBefore.get(address)]);
      const finalReview = await run("review", "local", "--full");
      expect(finalReview.stdout).toContain("etl-local: 0 create, 0 update, 0 replace, 0 destroy");
    }
    expect(partialPlanCount).toBeGreaterThan(0);
  }, 900_000);
});
