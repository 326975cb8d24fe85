import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import {
  exitCodeOf,
  renderHtml,
  renderJson,
  renderMarkdown,
  renderSarif,
  renderText,
  review,
  type Artifact,
  type SecretAllowance,
} from "../../../src/review";
import { findAllowances, parseAllowances } from "../../../src/review/approval/allowances";
import { findInText, findInValue } from "../../../src/secret-search";
import { planOf, stackOf, type Planned } from "../plans";
import { ReportRedactor } from "../../../src/verify";

// Built at run time, so that scanners of this repository find no token in this file.
const hex = "0123456789abcdef0123456789abcdef";
const tokens: readonly (readonly [string, string])[] = [
  ["databricks-token", `dapi${hex}`],
  ["databricks-token", `dapi${hex}-2`],
  ["databricks-oauth-secret", `dose${hex}`],
  ["aws-access-key", `AKIAABCDEFGHIJKLMNOP`],
  ["github-token", `ghp_${"a1B2".repeat(9)}`],
  ["google-api-key", `AIza${"a1B2c".repeat(7)}`],
  ["slack-token", `xoxb-123456789012-abc`],
  ["azure-storage-key", `AccountKey=${"aB3+".repeat(20)}==`],
  ["jwt", `eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.dBjftJeZ4CVP`],
  ["private-key", "-----BEGIN RSA PRIVATE KEY-----\nabc"],
  [
    "private-key",
    `{"private_key": "-----BEGIN PRIVATE KEY-----\\nMIIEvQ\\n-----END PRIVATE KEY-----\\n"}`,
  ],
  ["azure-sas", `https://acme.blob.core.windows.net/x?sv=2024&sig=${"aB3%2B".repeat(8)}`],
  ["azure-client-secret", `abc8Q~${"aB3_".repeat(8)}`],
  ["gitlab-token", `glpat-${"a1B2c".repeat(4)}`],
  ["slack-token", `https://hooks.slack.com/services/T0ABC/B0ABC/${"a1B2".repeat(6)}`],
  ["npm-token", `npm_${"a1B2".repeat(9)}`],
  ["huggingface-token", `hf_${"aB".repeat(17)}`],
  ["sendgrid-key", `SG.${"a1B2".repeat(5)}.${"a1B2".repeat(10)}`],
  ["openai-key", `sk-proj-${"a1B2".repeat(12)}`],
  [
    "connection-password",
    "jdbc:sqlserver://db:1433;database=x;user=etl;password=pa55word;encrypt=true",
  ],
  ["url-password", `jdbc:postgresql://etl:pa55word@db.example.com/x`.replace("jdbc:", "")],
];
const random = "kJ8sQ2" + "xZp4Lw9TnB7vRc" + "3YhM6dGf";

describe("secret detection", () => {
  it.each(tokens)("finds %s", (shape, token) => {
    expect(findInValue("comment", `before ${token}`).map((hit) => hit.shape)).toEqual([shape]);
    expect(findInText(`x = 1\ny = "${token}"`).map((hit) => hit.shape)).toContain(shape);
  });

  it("finds random strings, and literals in fields whose names suggest a secret", () => {
    expect(findInValue("comment", random)).toMatchObject([{ shape: "entropy" }]);
    // An id of the platform is not a secret, but a value next to it may be one.
    const principal = "8b4fb6c4-2d2a-4a0c-9c3e-5a1f0d6b7e11";
    expect(findInValue("acl_principal_id", `servicePrincipals/${principal}`)).toEqual([]);
    expect(findInValue("comment", `${principal}-${random}`)).toMatchObject([{ shape: "entropy" }]);
    expect(findInValue("db_password", "hunter2hunter3")).toMatchObject([{ shape: "named" }]);
    expect(findInText(`api_key = "hunter2hunter3"`)).toMatchObject([{ shape: "named", line: 1 }]);
  });

  it.each([
    ["an argument", "--password hunter2x"],
    ["an argument with a sign", "run.py --api-key=hunter2hunter2"],
    ["an option of a reader", `spark.read.option("password", "hunter2x")`],
    ["an environment variable", "x\n%sh\nexport DB_PASSWORD=hunter2x"],
    ["a line of an environment file", "# MAGIC API_TOKEN=hunter2hunter2"],
    ["a notebook in Jupyter format", `{"source": ["password = \\"hunter2x\\"\\n"]}`],
  ])("finds a literal in %s", (_, text) => {
    expect([...findInText(text), ...findInValue("x", text)]).toContainEqual(
      expect.objectContaining({ shape: "named" }),
    );
  });

  it("finds each of several secrets", () => {
    const [a, b] = [`dapi${hex}`, `dapi${hex.slice(16)}fedcba9876543210`];
    expect(findInValue("comment", `${a} and ${b}`).map(({ value }) => value)).toEqual([a, b]);
    expect(findInText(`f("${a}", "${b}")`).map(({ value }) => value)).toEqual([a, b]);
  });

  it.each([
    ["a reference to a secret", "password", "{{secrets/etl/db}}"],
    ["a variable", "token", "${var.token}"],
    ["a hash", "comment", "3b5d5c3712955042212316173ccf37be800b1c2d3e4f5a6b7c8d9e0f1a2b3c4d"],
    ["a UUID", "principal", "6f3f0c2e-1d2c-4b3a-8a7d-0123456789ab"],
    ["a path", "source", "assets/ingest-notebook/0A1B2C3D4E5F6A7B8C9D/file.py"],
    ["a runtime", "spark_version", "15.4.x-photon-scala2.12"],
    [
      "a long path of folders",
      "path",
      "/Shared/Projects/DataPlatform/DailyIngest/Notebooks2026/IngestRawData",
    ],
    [
      "prose",
      "description",
      "Loads the raw events of the day before and writes them to the bronze table",
    ],
    ["an S3 path", "token_path", "s3://bucket/tokens/2026/01/01"],
    ["a dynamic value", "token", "{{job.parameters.token}}"],
    ["the name of a secret", "secret", "etl-prod/api-key"],
    [
      "the hash of a wheel",
      "comment",
      "etl-1.4.0-py3-none-any.whl sha256=Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZkdISUpLTE1OT1A",
    ],
    [
      "an integrity hash",
      "comment",
      "sha512-Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZkdISUpLTE1OT1BxcnN0dXZ3eHl6MDEyMzQ1Njc4OQ==",
    ],
    [
      "a public key",
      "ssh_public_keys",
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG8Jx2Zs1Kq5vT0yW7nRmB3pQdLhXcE9uAfYtGz4S6oN ann@laptop",
    ],
    [
      "a picture",
      "html",
      "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
    ],
    ["a long name of words", "name", "CustomerOrdersDailyAggregationPipelineForEurope2026V2"],
    [
      "a role",
      "instance_profile_arn",
      "arn:aws:iam::123456789012:instance-profile/DataPlatformEtlProduction2026",
    ],
    ["a cluster id", "comment", "1114-221320-abcd1234efgh5678"],
    [
      "a regular expression",
      "pattern",
      "(?P<Year>[0-9]{4})-(?P<Month>[0-9]{2})-(?P<Day>[0-9]{2})T[0-9:]+Z",
    ],
    ["the name of a credential", "storage_credential", "lake-writer-01x"],
    ["the address of a generated resource", "to", "databricks_notebook.nb9_3C14E27A"],
    ["a placeholder in a URL", "url", "https://user:password@example.com/x"],
  ])("accepts %s", (_, name, value) => {
    expect(findInValue(name, value)).toEqual([]);
  });

  it("accepts a notebook that reads its secret from a scope", () => {
    expect(
      findInText(
        `password = dbutils.secrets.get("etl", "password")\ntoken = os.environ["API_TOKEN"]`,
      ),
    ).toEqual([]);
  });
});

describe("a secret in a stack", () => {
  const token = `dapi${hex}`;
  const resources: readonly Planned[] = [
    {
      type: "databricks_job",
      name: "j",
      before: { id: "1", name: "j", description: "old" },
      after: { id: "1", name: "j", description: `uses ${token}` },
    },
    { type: "databricks_notebook", name: "n", after: { path: "/Shared/n" }, unknown: { id: true } },
    {
      type: "databricks_cluster",
      name: "c",
      before: { id: "2", cluster_name: "c" },
      after: { id: "2", cluster_name: "c", comment: "value-of-the-variable" },
      config: { cluster_name: "c", comment: "${var.x}" },
    },
  ];
  const variables = {
    variables: { x: { value: "value-of-the-variable" } },
    configuration: { root_module: { variables: { x: { sensitive: true } } } },
  };
  const artifacts = new Map<string, Artifact>([
    [
      "databricks_notebook.n",
      {
        sha256: "0",
        size: 1,
        file: "n.py",
        text: `a = 1\nt = "${token}"\n`,
        previous: `t = "ghp_${"q9Z8".repeat(9)}"`,
      },
    ],
  ]);
  const reviewWith = (allowances: readonly SecretAllowance[] = []) =>
    review({
      stacks: [
        {
          name: "etl-dev",
          stack: stackOf(resources),
          plan: planOf(resources, variables),
          artifacts,
        },
      ],
      allowances,
      today: "2026-01-02",
    });

  it("is found in code, plan and notebooks, and sets exit code 2", () => {
    expect(
      reviewWith().stacks[0]?.secrets.map(({ path: constructPath, where, message }) => [
        constructPath,
        where,
        message,
      ]),
    ).toEqual([
      ["etl-dev/c", "comment", 'the value of the sensitive variable "x" in clear text [variable]'],
      ["etl-dev/j", "description", "a Databricks personal access token [databricks-token]"],
      ["etl-dev/n", "n.py:2", "a Databricks personal access token [databricks-token]"],
    ]);
    expect(exitCodeOf(reviewWith())).toBe(2);
  });

  it("is not in any output", async () => {
    const result = reviewWith();
    const outputs = [
      renderText(result),
      renderMarkdown(result),
      renderJson(result),
      renderSarif(result),
      await renderHtml(result),
    ];
    for (const output of outputs) {
      expect(output).not.toContain(token);
      expect(output).not.toContain("value-of-the-variable");
      expect(output).not.toContain("q9Z8q9Z8");
    }
    expect(outputs[0]).toContain("uses (secret, hidden)");
  });

  it("is hidden in old values, destroyed objects, keys, manual edits, and every line of a key", async () => {
    const key =
      ["-----BEGIN PRIVATE", "KEY-----"].join(" ") +
      `\n${"aB3+".repeat(16)}\n${"cD4/".repeat(10)}\n-----END PRIVATE KEY-----`;
    const resourcesWithOldSecrets: readonly Planned[] = [
      {
        type: "databricks_cluster",
        name: "c",
        before: {
          id: "1",
          num_workers: 1,
          spark_env_vars: { A: token, DB_PASSWORD: "hunter2x" },
          custom_tags: { [`ghp_${"w8X7".repeat(9)}`]: "a" },
        },
        after: { id: "1", num_workers: 2, spark_env_vars: { A: "{{secrets/a/b}}" } },
      },
      { type: "databricks_job", name: "gone", before: { id: "2", name: `old ${token}` } },
      {
        type: "databricks_notebook",
        name: "n",
        before: { id: "3", content_base64: Buffer.from(`x = """${key}"""\n`).toString("base64") },
        after: { id: "3", content_base64: Buffer.from("x = 1\n").toString("base64") },
      },
      {
        type: "databricks_job",
        name: "kept",
        before: { id: "4", name: "kept" },
        after: { id: "4", name: "kept" },
      },
    ];
    const finding = {
      status: "drift" as const,
      path: "description",
      field: "description",
      desired: "x",
      remote: `by hand: ${token}`,
    };
    const verify = {
      redactor: new ReportRedactor(),
      resources: [
        {
          stack: "etl-dev",
          address: "databricks_job.kept",
          path: "etl-dev/kept",
          status: "drift" as const,
          title: "job",
          kind: "databricks_job",
          id: "1",
          restorable: true,
          findings: [finding],
        },
      ],
    };
    const result = review({
      stacks: [
        {
          name: "etl-dev",
          stack: stackOf(resourcesWithOldSecrets),
          plan: planOf(resourcesWithOldSecrets),
          verify,
        },
      ],
      today: "2026-01-02",
    });
    const outputs = [
      renderText(result),
      renderMarkdown(result),
      renderJson(result),
      renderSarif(result),
      await renderHtml(result),
    ];
    for (const secret of [token, "hunter2x", "w8X7w8X7", "aB3+aB3+", "cD4/cD4/"]) {
      expect(outputs.filter((output) => output.includes(secret))).toEqual([]);
    }
    expect(outputs[0]).toContain("by hand: (secret, hidden)");
    expect(exitCodeOf(result)).toBe(0);
  });

  it("is found in inline content, in a URL, and in a pair of parameters", () => {
    const [plan] = [
      [
        {
          type: "databricks_notebook",
          name: "n",
          after: { path: "/n", content_base64: Buffer.from(`t = "${token}"`).toString("base64") },
        },
        {
          type: "databricks_job",
          name: "j",
          after: {
            name: "j",
            git_source: [{ url: "https://bob:hunter2hunter2@example.com/etl" }],
            task: [
              {
                task_key: "a",
                spark_python_task: [
                  { python_file: "/x.py", parameters: ["--password", "hunter2x"] },
                ],
              },
            ],
          },
        },
      ] satisfies Planned[],
    ];
    const result = review({
      stacks: [{ name: "etl-dev", stack: stackOf(plan), plan: planOf(plan) }],
      today: "2026-01-02",
    });
    expect(
      result.stacks[0]?.secrets.map(({ where, message }) => [
        where,
        /\[([a-z-]*)\]$/.exec(message)?.[1],
      ]),
    ).toEqual([
      ["git_source[0].url", "url-password"],
      ["task[a].spark_python_task[0].parameters[1]", "named"],
      ["content_base64", "databricks-token"],
    ]);
  });

  it("causes a note for a file that cannot be read", () => {
    const wheel: readonly Planned[] = [
      { type: "databricks_file", name: "w", after: { path: "/Volumes/a/b/c/etl.whl" } },
    ];
    const binary = new Map<string, Artifact>([
      ["databricks_file.w", { sha256: "0", size: 9, file: "etl.whl" }],
    ]);
    const result = review({
      stacks: [{ name: "etl-dev", stack: stackOf(wheel), plan: planOf(wheel), artifacts: binary }],
      today: "2026-01-02",
    });
    expect(result.stacks[0]?.notes).toContain(
      "the secret scan skips binary files and files over 2 MB: etl.whl",
    );
  });

  it("can be allowed with a reason, by location and pattern, until a date", () => {
    const allowance = {
      where: "etl-dev/j#**",
      shape: "databricks-token",
      reason: "the example of the docs",
    };
    const states = (list: readonly SecretAllowance[]) =>
      reviewWith(list).stacks[0]?.secrets.map(({ suppressed }) => suppressed?.reason);
    expect(states([allowance])).toEqual([undefined, "the example of the docs", undefined]);
    const expired = { ...allowance, expires: "2026-01-01" };
    expect(states([expired])).toEqual([undefined, undefined, undefined]);
    expect(reviewWith([expired]).stacks[0]?.suppressions).toMatchObject([
      { path: allowance.where, rule: "secret-scan", state: "expired" },
    ]);
    expect(states([{ ...allowance, shape: "jwt" }])).toEqual([undefined, undefined, undefined]);
    expect(states([{ where: "n.py", reason: "test data" }])).toEqual([
      undefined,
      undefined,
      "test data",
    ]);
  });
});

describe("the allow list", () => {
  it("is read from the project that contains the given folder", () => {
    const project = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-allow-"));
    const inner = path.join(project, "cdktf.out/stacks/x");
    fs.mkdirSync(inner, { recursive: true });
    fs.writeFileSync(path.join(project, "cdktf.json"), "{}");
    expect(findAllowances(inner)).toEqual([]);
    fs.writeFileSync(
      path.join(project, "lakeform.secrets.yaml"),
      "- where: a#**\n  reason: because\n  expires: 2026-12-31\n",
    );
    expect(findAllowances(inner)).toEqual([
      { where: "a#**", reason: "because", expires: "2026-12-31" },
    ]);
    fs.rmSync(project, { recursive: true });
  });

  it.each([
    ["an entry without a reason", "- where: a"],
    ["an entry without a location", "- reason: a"],
    ["an invalid structure", "- {where: a, reason: b, shape: c}"],
    ["an unknown field", "- {where: a, reason: b, until: c}"],
    ["an invalid date", "- {where: a, reason: b, expires: soon}"],
    ["YAML without a list", "where: a"],
    ["invalid YAML", "{{"],
  ])("rejects %s", (_, yaml) => {
    expect(() => parseAllowances(yaml, "x")).toThrow(
      expect.objectContaining({ code: "BAD_ALLOW_LIST" }) as Error,
    );
  });
});
