import { diffEnvironments } from "../../src/promote/environment-diff";
import { renderDiffMarkdown, renderDiffText } from "../../src/promote/render-diff";
import type { SynthesizedStack } from "../../src/terraform/stack";

interface StackOptions {
  readonly workers?: number;
  readonly jobName?: string;
  readonly tags?: Record<string, string>;
  readonly warehouseTags?: readonly { readonly key: string; readonly value: string }[];
  readonly extra?: boolean;
  readonly workspaceId?: string;
  readonly settings?: Record<string, unknown>;
}

function stackOf(environment: string, options: StackOptions = {}): SynthesizedStack {
  const name = `etl-${environment}`;
  const job = {
    name: options.jobName ?? "daily",
    tags: { lakeform: `demo/${name}`, ...options.tags },
    job_cluster: [
      { job_cluster_key: "shared", new_cluster: { num_workers: options.workers ?? 2 } },
    ],
    ...(options.workspaceId !== undefined && {
      provider_config: { workspace_id: options.workspaceId },
    }),
  };
  return {
    name,
    directory: "/",
    json: {
      resource: {
        databricks_job: { j: job },
        ...(options.warehouseTags !== undefined && {
          databricks_sql_endpoint: { w: { tags: { custom_tags: options.warehouseTags } } },
        }),
        ...(options.extra === true && { databricks_directory: { d: { path: "/Shared/x" } } }),
      },
    },
    metadata: {
      version: 1,
      project: "demo",
      environment,
      stack: name,
      provider: "official",
      stamp: `demo/${name}`,
      recordFolder: "/Workspace/Shared/.lakeform",
      resources: {
        "databricks_job.j": { path: `${name}/pipeline`, stamped: true },
        "databricks_sql_endpoint.w": { path: `${name}/warehouse`, stamped: true },
        "databricks_directory.d": { path: `${name}/folder`, stamped: false },
      },
      variables: {},
      ignores: [],
      suppressions: [],
      ...(options.settings && { profileSettings: options.settings }),
    },
  };
}

const compare = (from: StackOptions, to: StackOptions): ReturnType<typeof diffEnvironments> =>
  diffEnvironments([stackOf("dev", from)], [stackOf("prod", to)], { from: "dev", to: "prod" });

describe("diffEnvironments", () => {
  test("ignores the stamp and the stack's own name", () => {
    expect(compare({}, {})).toMatchObject({ allowed: 0, notAllowed: 0 });
  });

  test("does not allow a value that no profile explains, and names its construct and keyed field", () => {
    const diff = compare({ workers: 2 }, { workers: 8 });
    expect(diff).toMatchObject({ notAllowed: 1 });
    expect(diff.stacks[0]?.differences[0]).toMatchObject({
      path: "pipeline",
      kind: "databricks_job",
      field: "job_cluster[shared].new_cluster.num_workers",
      from: 2,
      to: 8,
    });
  });

  test("allows the profiles' own workspaces, but not one set by the code", () => {
    const [dev, prod] = ["1", "2"].map((workspaceId) => ({
      workspaceId,
      settings: { workspaceId },
    }));
    expect(compare(dev ?? {}, prod ?? {})).toMatchObject({ allowed: 1, notAllowed: 0 });
    expect(compare({ workspaceId: "1" }, { workspaceId: "2" })).toMatchObject({
      allowed: 0,
      notAllowed: 1,
    });
  });

  test.each([
    ["for a field", { field: "job_cluster.new_cluster.num_workers" }],
    ["for a glob", { path: "pipe*", field: "job_cluster.**" }],
    ["for a kind", { kind: "databricks_job" }],
  ])("allows a difference listed in allowedDifferences %s, with the reason", (_how, rule) => {
    const settings = { allowedDifferences: [{ ...rule, reason: "prod is larger" }] };
    const diff = compare({ workers: 2 }, { workers: 8, settings });
    expect(diff.stacks[0]?.differences[0]?.allowed).toEqual({
      by: "rule",
      reason: "prod is larger",
    });
    expect(diff.notAllowed).toBe(0);
  });

  test("does not apply a rule for another field", () => {
    expect(
      compare(
        { workers: 2 },
        {
          workers: 8,
          settings: {
            allowedDifferences: [{ field: "job_cluster.new_cluster.node_type_id", reason: "x" }],
          },
        },
      ).notAllowed,
    ).toBe(1);
  });

  test("allows only differences caused by the profiles' settings (prefix and tags)", () => {
    const dev = {
      jobName: "dev daily",
      tags: { env: "dev" },
      settings: { namePrefix: "dev ", tags: { env: "dev" } },
    };
    const prod = { jobName: "daily", tags: { env: "prod" }, settings: { tags: { env: "prod" } } };
    expect(compare(dev, prod)).toMatchObject({ allowed: 2, notAllowed: 0 });
    expect(compare({ ...dev, jobName: "dev weekly" }, prod)).toMatchObject({
      allowed: 1,
      notAllowed: 1,
    });
  });

  test("allows the tags of the profiles on warehouses, which have a list of tags", () => {
    const withTag = (value: string): StackOptions => ({
      warehouseTags: [
        { key: "team", value: "etl" },
        { key: "env", value },
      ],
      settings: { tags: { env: value } },
    });
    expect(compare(withTag("dev"), withTag("prod"))).toMatchObject({ allowed: 1, notAllowed: 0 });
  });

  test("does not allow a resource or stack in only one environment by default", () => {
    expect(compare({ extra: true }, {}).stacks[0]?.differences).toEqual([
      { path: "folder", kind: "databricks_directory", change: "only in from" },
    ]);
    expect(diffEnvironments([stackOf("dev")], [], { from: "dev", to: "prod" })).toMatchObject({
      notAllowed: 1,
    });
  });

  test("renders differences that are not allowed first", () => {
    const diff = compare(
      { workers: 2, tags: { env: "dev" }, settings: { tags: { env: "dev" } } },
      { workers: 8, tags: { env: "prod" }, settings: { tags: { env: "prod" } } },
    );
    expect(renderDiffText(diff)).toBe(
      [
        "dev → prod: 2 differences, 1 allowed, 1 not",
        "",
        "etl",
        "  ✗ pipeline job_cluster[shared].new_cluster.num_workers  2 → 8  (NOT ALLOWED)",
        "  ✓ pipeline tags[env]  dev → prod  (allowed: tags of the profiles)",
        "",
      ].join("\n"),
    );
    expect(renderDiffMarkdown(diff)).toContain(
      "| ❌ | `pipeline job_cluster[shared].new_cluster.num_workers` | 2 → 8 | **not allowed** |",
    );
  });
});

describe("references to other stacks", () => {
  const reference = (environment: string, output: string): string =>
    `\${data.terraform_remote_state.cross-stack-reference-input-platform-${environment}.outputs.cross-stack-output-${output}}`;

  /** `jobs` uses an output of `platform`, whose value is an attribute of one of two policies. */
  function stackPair(environment: string, resource: string): SynthesizedStack[] {
    const output = `${environment}${resource}`;
    const base = stackOf(environment);
    const platform: SynthesizedStack = {
      ...base,
      name: `platform-${environment}`,
      json: {
        output: {
          [`cross-stack-output-${output}`]: {
            value: `\${databricks_cluster_policy.${resource}.id}`,
          },
        },
      },
      metadata: {
        ...base.metadata,
        resources: {
          [`databricks_cluster_policy.${resource}`]: {
            path: `platform-${environment}/${resource}`,
            stamped: false,
          },
        },
      },
    };
    return [
      {
        ...base,
        json: {
          resource: {
            databricks_job: { j: { name: "daily", policy: reference(environment, output) } },
          },
        },
      },
      platform,
    ];
  }

  test("are equal for the same resource and attribute of the same stack, under any output name", () => {
    expect(
      diffEnvironments(stackPair("dev", "policy"), stackPair("prod", "policy"), {
        from: "dev",
        to: "prod",
      }),
    ).toMatchObject({
      notAllowed: 0,
      allowed: 0,
    });
  });

  test("differ for another resource, which is shown by name", () => {
    const diff = diffEnvironments(stackPair("dev", "policy"), stackPair("prod", "strict"), {
      from: "dev",
      to: "prod",
    });
    expect(diff.notAllowed).toBe(1);
    expect(renderDiffText(diff)).toContain("${platform/policy.id} → ${platform/strict.id}");
  });

  test("long values are not shortened to the same string", () => {
    const diff = compare({ jobName: `${"a".repeat(200)}1` }, { jobName: `${"a".repeat(200)}2` });
    const [, shownFrom = "", shownTo = ""] =
      /name {2}(.+) → (.+) {2}\(/.exec(renderDiffText(diff)) ?? [];
    expect(shownFrom).not.toBe(shownTo);
    expect(renderDiffMarkdown(diff)).toContain(`${shownFrom} → ${shownTo}`);
  });
});
