import {
  compareReviews,
  renderHtml,
  renderMarkdown,
  renderText,
  review,
  type BlockChange,
  type Flag,
  type Review,
} from "../../../src/review";
import { planOf, type Planned } from "../plans";
import { readSchema, schemaProblems } from "../../support/json-schema";

type Values = Readonly<Record<string, unknown>>;

/** A stack with every kind of block in Terraform. */
const fullStack = {
  "//": {
    lakeform: {
      version: 1,
      project: "acme",
      environment: "prod",
      stack: "etl-prod",
      provider: "official",
      host: "https://prod.example.com",
      stamp: "acme/etl-prod",
      recordFolder: "/Shared/.lakeform",
      resources: {
        "databricks_job.j": { path: "etl-prod/j", source: "stacks/etl.ts:12", stamped: false },
      },
      variables: { KEY: { environment: "KEY" } },
      ignores: [{ path: "etl-prod/j", field: "tags", reason: "set by another tool" }],
      suppressions: [
        { path: "etl-prod/j", rule: "retries", reason: "idempotent", expires: "2030-01-01" },
      ],
      profileSettings: { production: true, policies: { "job-timeout": "error" } },
    },
    metadata: { backend: "s3", stackName: "etl-prod", version: "0.21.0" },
  },
  terraform: {
    required_version: ">= 1.5",
    required_providers: {
      databricks: { source: "databricks/databricks", version: "1.99.0" },
      null: { source: "hashicorp/null", version: "3.2.3" },
    },
    backend: { s3: { bucket: "states", key: "etl", secret_key: "AKIA" } },
  },
  provider: {
    databricks: [
      { host: "https://prod.example.com", token: "literal" },
      { alias: "other", skip_verify: true },
    ],
  },
  variable: { KEY: { type: "string", sensitive: true }, size: { default: 2 } },
  locals: { folder: "/Shared" },
  data: {
    external: { who: { program: ["sh", "who.sh"] } },
    http: { page: { url: "https://example.com" } },
    databricks_node_type: { n: { local_disk: true } },
  },
  resource: {
    databricks_job: {
      j: {
        "//": { metadata: { path: "etl-prod/j/Resource", uniqueId: "j" } },
        name: "daily",
        max_concurrent_runs: 1,
        tags: { "//": "a tag", empty: "" },
        parameter: [
          { name: "a", default: "1" },
          { name: "b", default: "2" },
        ],
        task: [
          { task_key: "a", notebook_task: { notebook_path: "/Shared/a" } },
          {
            task_key: "b",
            depends_on: [{ task_key: "a" }],
            spark_python_task: { python_file: "x.py", parameters: ["1", "2"] },
          },
        ],
        depends_on: ["databricks_secret.s", "terraform_data.t"],
        lifecycle: {
          prevent_destroy: true,
          ignore_changes: ["tags"],
          precondition: [{ condition: "${var.size > 1}", error_message: "small" }],
        },
      },
    },
    databricks_secret: {
      s: { scope: "etl", key: "k", string_value: "${var.KEY}" },
      open: { scope: "etl", key: "o", string_value: "hunter2" },
    },
    databricks_notebook: { n: { path: "/Shared/n", source: "assets/n/n.py", md5: "0" } },
    terraform_data: {
      t: {
        input: "x",
        for_each: '${toset(["a"])}',
        connection: { host: "h", password: "p" },
        provisioner: [
          { "local-exec": { command: "echo ok" } },
          { "remote-exec": { inline: ["ls"], when: "destroy" } },
          { file: { source: "a", destination: "b" } },
        ],
      },
    },
    null_resource: { n: { triggers: { x: "1" } } },
  },
  module: { m: { source: "./m", size: 1 } },
  moved: [{ from: "databricks_job.old", to: "databricks_job.j" }],
  removed: [{ from: "databricks_job.gone", lifecycle: { destroy: false } }],
  import: [{ to: "databricks_job.j", id: "12" }],
  check: { c: { assert: [{ condition: "${var.size > 0}", error_message: "none" }] } },
  output: { url: { value: "${databricks_job.j.url}", sensitive: true } },
  ephemeral: { random_password: { p: { length: 8 } } },
};

const resources: readonly Planned[] = [
  {
    type: "databricks_job",
    name: "j",
    after: { name: "daily", max_concurrent_runs: 1 },
    unknown: { id: true },
  },
];
const artifacts = new Map([
  ["databricks_notebook.n", { sha256: "1".repeat(64), size: 1, file: "n.py" }],
]);
const reviewStack = (
  stack: unknown,
  more: { previous?: unknown; planned?: readonly Planned[]; plan?: Values } = {},
): Review =>
  review({
    stacks: [
      {
        name: "etl-prod",
        stack,
        plan: planOf(more.planned ?? resources, more.plan ?? {}),
        artifacts,
        ...(more.previous === undefined ? {} : { previous: more.previous }),
      },
    ],
    today: "2026-01-01",
  });
const digest = (stack: unknown): string => reviewStack(stack).digest;

/** The complete list of reasons why a difference has no effect, as in docs/review.md. */
const reasons: readonly [string, RegExp][] = [
  ["a comment of cdktf", /^\/\/(\.metadata|$)/],
  ["a comment of cdktf", /^resource\.\w+\.\w+\.\/\//],
  ["a construct path or a source line", /^\/\/\.lakeform\.(resources|version)/],
  ["the place of a file whose bytes are known", /^resource\.databricks_notebook\.n\.source$/],
  [
    "the value of a secret",
    /^(terraform\.backend\.s3\.secret_key|provider\.databricks\.0\.token|resource\.databricks_secret\.open\.string_value|resource\.terraform_data\.t\.connection\.password)$/,
  ],
];
const reasonFor = (path: readonly string[]): string | undefined =>
  reasons.find(([, pattern]) => pattern.test(path.join(".")))?.[0];

/** Returns the path of every leaf and branch of a value. */
function* pathsOf(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  if (path.length > 0) yield path;
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) yield* pathsOf(inner, [...path, key]);
}
function editAt(
  value: unknown,
  [key, ...rest]: readonly string[],
  change: (previousValue: unknown) => unknown,
): unknown {
  if (key === undefined) return change(value);
  if (Array.isArray(value)) {
    const list = value.map((inner: unknown, index) =>
      String(index) === key ? editAt(inner, rest, change) : inner,
    );
    return list.filter((inner) => inner !== undefined);
  }
  const entries = Object.entries(value as Values).map(
    ([name, inner]) => [name, name === key ? editAt(inner, rest, change) : inner] as const,
  );
  return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined));
}
const changeValue = (previousValue: unknown): unknown =>
  typeof previousValue === "string"
    ? `${previousValue}x`
    : typeof previousValue === "number"
      ? previousValue + 1
      : typeof previousValue === "boolean"
        ? !previousValue
        : Array.isArray(previousValue)
          ? [...(previousValue as unknown[]), "x"]
          : { ...(previousValue as Values), added: "x" };

describe("a single change anywhere in the stack", () => {
  const fullDigest = digest(fullStack);
  const allPaths = [...pathsOf(fullStack)];

  it.each<[string, (previousValue: unknown) => unknown]>([
    ["if the value is changed", changeValue],
    ["if the value is removed", () => undefined],
  ])("changes the digest, or has a documented reason: %s", (_what, change) => {
    const pathsWithoutEffect = allPaths.filter(
      (path) =>
        reasonFor(path) === undefined && digest(editAt(fullStack, path, change)) === fullDigest,
    );
    expect(pathsWithoutEffect.map((path) => path.join("."))).toEqual([]);
  });

  it("changes the digest, or has a documented reason, for a value of another type", () => {
    const pathsWithoutEffect = allPaths
      .filter((path) => path[0] !== "//" && reasonFor(path) === undefined)
      .filter(
        (path) =>
          digest(
            editAt(fullStack, path, (previousValue) =>
              typeof previousValue === "string" ? [previousValue] : JSON.stringify(previousValue),
            ),
          ) === fullDigest,
      );
    expect(pathsWithoutEffect.map((path) => path.join("."))).toEqual([]);
  });

  it("does not change the digest for each of the documented reasons", () => {
    const covered = allPaths.filter(
      (path) =>
        reasonFor(path) !== undefined &&
        typeof path.reduce<unknown>((value, key) => (value as Values)[key], fullStack) === "string",
    );
    expect(covered.length).toBeGreaterThan(8);
    for (const path of covered)
      expect({ path, digest: digest(editAt(fullStack, path, changeValue)) }).toEqual({
        path,
        digest: fullDigest,
      });
  });

  it("changes the digest for a different order, except of keys, keyed lists and depends_on", () => {
    const digestWithReversed = (path: string): string =>
      digest(
        editAt(fullStack, path.split("."), (previousValue) =>
          [...(previousValue as unknown[])].reverse(),
        ),
      );
    for (const path of ["task", "parameter", "depends_on"])
      expect({ path, digest: digestWithReversed(`resource.databricks_job.j.${path}`) }).toEqual({
        path,
        digest: fullDigest,
      });
    for (const path of [
      "databricks_job.j.task.1.spark_python_task.parameters",
      "terraform_data.t.provisioner",
    ])
      expect(digestWithReversed(`resource.${path}`)).not.toBe(fullDigest);
    expect(digestWithReversed("data.external.who.program")).not.toBe(fullDigest);
    expect(digest(Object.fromEntries(Object.entries(fullStack).reverse()))).toBe(fullDigest);
  });

  it("changes the digest for the bytes of a file, a variable's value, and a file next to the output", () => {
    const plan = planOf(resources);
    const digestWith = (more: object): string =>
      review({ stacks: [{ name: "etl-prod", stack: fullStack, plan, artifacts, ...more }] }).digest;
    const other = new Map([
      ["databricks_notebook.n", { sha256: "2".repeat(64), size: 1, file: "n.py" }],
    ]);
    const digests = [
      digestWith({}),
      digestWith({ artifacts: other }),
      digestWith({ plan: planOf(resources, { variables: { size: { value: 3 } } }) }),
      digestWith({
        files: [
          { kind: "file", name: "file.override.tf", path: "file.override.tf", value: "sha256:1" },
        ],
      }),
      digestWith({
        files: [
          { kind: "file", name: "file.override.tf", path: "file.override.tf", value: "sha256:2" },
        ],
      }),
    ];
    expect(digests[0]).toBe(fullDigest);
    expect(new Set(digests).size).toBe(digests.length);
  });
});

describe("effects other than resource changes", () => {
  const flagsOf = (reviewed: Review): Record<string, string[]> =>
    Object.fromEntries(
      (reviewed.stacks[0]?.flags ?? []).map(({ kind, items }: Flag) => [
        kind,
        items.map(({ address, text }) => `${address}: ${text}`),
      ]),
    );
  const blocksOf = (reviewed: Review): readonly BlockChange[] => reviewed.stacks[0]?.blocks ?? [];
  const create: Planned = {
    type: "terraform_data",
    name: 't["a"]',
    after: { input: "x" },
    unknown: { id: true },
  };

  it("are flagged for a provisioner with its command, whether its object is new or not", () => {
    for (const previous of [undefined, fullStack]) {
      const flags = flagsOf(reviewStack(fullStack, { previous, planned: [create] }));
      expect(flags.commands?.join("\n")).toMatch(
        /provisioner\[0\].*runs when the object is created: .*command = "echo ok"/,
      );
      expect(flags["other-providers"]).toEqual(['terraform_data.t["a"]: create terraform_data']);
    }
    const destroyed = flagsOf(
      reviewStack(fullStack, {
        previous: fullStack,
        planned: [{ type: "terraform_data", name: 't["a"]', before: { id: "1" } }],
      }),
    );
    expect(destroyed.commands?.join("\n")).toMatch(
      /provisioner\[1\].*runs when the object is destroyed/,
    );
    expect(destroyed.commands?.join("\n")).not.toContain("provisioner[0]");
  });

  it("are flagged for a changed command, with another digest, even if its object does not change", () => {
    const changed = editAt(
      fullStack,
      ["resource", "terraform_data", "t", "provisioner", "0", "local-exec", "command"],
      () => "rm -rf /",
    ) as Values;
    const reviewed = reviewStack(changed, { previous: fullStack });
    expect(flagsOf(reviewed).commands?.join("\n")).toMatch(
      /changed, not in this deploy: command "echo ok" -> "rm -rf \/"/,
    );
    const { same, lines } = compareReviews(
      reviewStack(fullStack, { previous: fullStack }),
      reviewed,
    );
    expect({ same, lines: lines.join("\n") }).toMatchObject({
      same: false,
      lines: expect.stringContaining("rm -rf /") as string,
    });
  });

  it("are flagged for external and http data sources at each review", () => {
    const { commands = [] } = flagsOf(reviewStack(fullStack, { previous: fullStack }));
    expect(commands.join("\n")).toMatch(
      /data\.external\.who: runs a program at each plan and apply: program\[.*who\.sh/,
    );
    expect(commands.join("\n")).toMatch(
      /data\.http\.page: sends a request at each plan and apply: url = "https:\/\/example\.com"/,
    );
  });

  it.each<[string, string[], unknown, RegExp]>([
    [
      "backend",
      ["terraform", "backend", "s3", "bucket"],
      "mine",
      /backend\.s3: changed: bucket "states" -> "mine"/,
    ],
    [
      "provider argument",
      ["provider", "databricks", "0", "host"],
      "https://evil.example.com",
      /provider\.databricks\[0\]: changed: host/,
    ],
    [
      "provider source",
      ["terraform", "required_providers", "null", "source"],
      "evil/null",
      /required_providers\.null: changed: source/,
    ],
    [
      "module source",
      ["module", "m", "source"],
      "git::https://evil.example.com",
      /module\.m: changed: source "\.\/m"/,
    ],
    ["moved block", ["moved"], undefined, /moved\[0\]: removed/],
    [
      "removed block",
      ["removed", "0", "lifecycle", "destroy"],
      true,
      /removed\[0\]: changed: lifecycle\.destroy false -> true/,
    ],
    ["import block", ["import", "0", "id"], "13", /import\[0\]: changed: id "12" -> "13"/],
    ["check", ["check"], undefined, /check\.c: removed/],
    [
      "lifecycle",
      ["resource", "databricks_job", "j", "lifecycle", "prevent_destroy"],
      false,
      /lifecycle changed: prevent_destroy true -> false/,
    ],
    [
      "precondition",
      ["resource", "databricks_job", "j", "lifecycle", "precondition"],
      undefined,
      /lifecycle changed: precondition/,
    ],
    [
      "the source of a secret's value",
      ["//", "lakeform", "variables", "KEY", "environment"],
      "OTHER",
      /lakeform\.variables: changed: KEY\.environment "KEY" -> "OTHER"/,
    ],
    [
      "an unknown block of a newer Terraform version",
      ["ephemeral", "random_password", "p", "length"],
      9,
      /ephemeral\.random_password: changed: p\.length 8 -> 9/,
    ],
  ])("are flagged for a change of %s", (_what, path, value, pattern) => {
    const reviewed = reviewStack(
      editAt(fullStack, path, () => value),
      { previous: fullStack },
    );
    expect(flagsOf(reviewed).terraform?.join("\n")).toMatch(pattern);
  });

  it("are flagged for an output or variable that is no longer sensitive in the code or in the plan", () => {
    for (const path of [
      ["output", "url", "sensitive"],
      ["variable", "KEY", "sensitive"],
    ])
      expect(
        flagsOf(
          reviewStack(
            editAt(fullStack, path, () => undefined),
            { previous: fullStack },
          ),
        ).exposed,
      ).toEqual([`${path[0]}.${path[1]}: is no longer marked as sensitive`]);
    const change = {
      actions: ["update"],
      before: "a",
      after: "a",
      before_sensitive: true,
      after_sensitive: false,
    };
    expect(flagsOf(reviewStack({}, { plan: { output_changes: { url: change } } })).exposed).toEqual(
      ["output.url: is no longer marked as sensitive"],
    );
  });

  it("are flagged for commands in modules from the plan, and a failing check is reported", () => {
    const provisioners = [
      { type: "local-exec", expressions: { command: { references: ["var.a"] } } },
    ];
    const module = {
      resources: [
        { address: "terraform_data.y", mode: "managed", type: "terraform_data", provisioners },
      ],
    };
    const plan = {
      configuration: {
        root_module: {
          module_calls: { m: { source: "./m", module: { module_calls: { inner: { module } } } } },
        },
      },
      checks: [
        {
          address: { kind: "check", to_display: "check.c" },
          status: "fail",
          instances: [{ problems: [{ message: "none" }] }],
        },
      ],
    };
    const planned: Planned = { ...create, name: "y" };
    const reviewed = planOf([planned], plan) as { resource_changes: Values[] };
    const inModule = {
      ...reviewed,
      resource_changes: reviewed.resource_changes.map((resourceChange) => ({
        ...resourceChange,
        address: "module.m[0].module.inner.terraform_data.y",
      })),
    };
    const flags = flagsOf(
      review({
        stacks: [{ name: "etl-prod", stack: fullStack, plan: inModule, previous: fullStack }],
      }),
    );
    expect(flags.commands?.join("\n")).toContain(
      "module.m.module.inner.terraform_data.y.provisioner[0]: runs when the object is created",
    );
    expect(flags.terraform).toEqual([
      'check.c: fails: none: assert = {"condition":"${var.size > 0}","error_message":"none"}',
    ]);
  });

  it("are not flagged if nothing differs and nothing runs; a first deploy does not flag common blocks", () => {
    const { data: _data, ...stackWithoutData } = fullStack;
    expect(
      Object.keys(
        flagsOf(reviewStack(stackWithoutData, { previous: stackWithoutData, planned: [] })),
      ),
    ).toEqual([]);
    expect(
      blocksOf(reviewStack(stackWithoutData, { previous: stackWithoutData, planned: [] })),
    ).toEqual([]);
    const plain = {
      "//": fullStack["//"],
      terraform: {
        backend: { local: { path: "x" } },
        required_providers: { databricks: { source: "databricks/databricks" } },
      },
      provider: { databricks: [{}] },
    };
    const reviewed = reviewStack(plain, { planned: [] });
    expect(flagsOf(reviewed)).toEqual({});
    expect(blocksOf(reviewed).map(({ name }) => name)).toEqual([
      "backend.local",
      "provider.databricks",
      "required_providers.databricks",
    ]);
  });

  it("are in each format of the review, and credentials are in none", async () => {
    const before = editAt(fullStack, ["terraform", "backend", "s3"], (backend) => ({
      ...(backend as Values),
      secret_key: "old-credential",
      bucket: "old",
    })) as Values;
    const reviewed = reviewStack(
      editAt(before, ["terraform", "backend", "s3"], () => ({
        bucket: "new",
        key: "etl",
        secret_key: "new-credential",
      })),
      { previous: before },
    );
    for (const text of [
      renderText(reviewed),
      renderMarkdown(reviewed),
      await renderHtml(reviewed),
      JSON.stringify(reviewed),
    ]) {
      expect(text).toContain("backend.s3");
      expect(text).toContain("bucket");
      expect(text).not.toMatch(/(old|new)-credential/);
    }
    expect(
      schemaProblems(
        JSON.parse(JSON.stringify(reviewed)),
        readSchema("docs/schemas/review.schema.json"),
      ),
    ).toEqual([]);
  });
});
