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
} from "../../src/review";
import { findAllowances, parseAllowances } from "../../src/review/allowances";
import { findInText, findInValue } from "../../src/review/secrets/find";
import { planOf, stackOf, type Planned } from "./plans";

// Made up at run time: no scanner of this repository should find a token in its own test.
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
  ["url-password", `jdbc:postgresql://etl:pa55word@db.example.com/x`.replace("jdbc:", "")],
];
const random = "kJ8sQ2" + "xZp4Lw9TnB7vRc" + "3YhM6dGf";

describe("the shapes of secrets", () => {
  it.each(tokens)("finds %s", (shape, token) => {
    expect(findInValue("comment", `before ${token}`).map((hit) => hit.shape)).toEqual([shape]);
    expect(findInText(`x = 1\ny = "${token}"`).map((hit) => hit.shape)).toContain(shape);
  });

  it("finds random words and literals in telling fields", () => {
    expect(findInValue("comment", random)).toMatchObject([{ shape: "entropy" }]);
    expect(findInValue("db_password", "hunter2hunter3")).toMatchObject([{ shape: "named" }]);
    expect(findInText(`api_key = "hunter2hunter3"`)).toMatchObject([{ shape: "named", line: 1 }]);
  });

  it.each([
    ["a reference to a secret", "password", "{{secrets/etl/db}}"],
    ["a variable", "token", "${var.token}"],
    ["a hash", "comment", "3b5d5c3712955042212316173ccf37be800b1c2d3e4f5a6b7c8d9e0f1a2b3c4d"],
    ["a UUID", "principal", "6f3f0c2e-1d2c-4b3a-8a7d-0123456789ab"],
    ["a path", "source", "assets/ingest-notebook/0A1B2C3D4E5F6A7B8C9D/file.py"],
    ["a runtime", "spark_version", "15.4.x-photon-scala2.12"],
    ["a long path of folders", "path", "/Shared/Projects/DataPlatform/DailyIngest/Notebooks2026/IngestRawData"],
    ["prose", "description", "Loads the raw events of the day before and writes them to the bronze table"],
    ["an S3 path", "token_path", "s3://bucket/tokens/2026/01/01"],
  ])("passes %s", (_, name, value) => {
    expect(findInValue(name, value)).toEqual([]);
  });

  it("passes a notebook that asks a scope for its secret", () => {
    expect(findInText(`password = dbutils.secrets.get("etl", "password")\ntoken = os.environ["API_TOKEN"]`)).toEqual([]);
  });
});

describe("a secret somewhere in a stack", () => {
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
      { sha256: "0", size: 1, file: "n.py", text: `a = 1\nt = "${token}"\n`, previous: `t = "ghp_${"q9Z8".repeat(9)}"` },
    ],
  ]);
  const of = (allowances: readonly SecretAllowance[] = []) =>
    review({
      stacks: [{ name: "etl-dev", stack: stackOf(resources), plan: planOf(resources, variables), artifacts }],
      allowances,
      today: "2026-01-02",
    });

  it("is found in code, plan and notebooks, and makes the exit code 2", () => {
    expect(of().stacks[0]?.secrets.map(({ path: at, where, message }) => [at, where, message])).toEqual([
      ["etl-dev/c", "comment", 'the value of the sensitive variable "x", in clear [variable]'],
      ["etl-dev/j", "description", "a Databricks personal access token [databricks-token]"],
      ["etl-dev/n", "n.py:2", "a Databricks personal access token [databricks-token]"],
    ]);
    expect(exitCodeOf(of())).toBe(2);
  });

  it("is in no output", async () => {
    const result = of();
    const outputs = [renderText(result), renderMarkdown(result), renderJson(result), renderSarif(result), await renderHtml(result)];
    for (const output of outputs) {
      expect(output).not.toContain(token);
      expect(output).not.toContain("value-of-the-variable");
      expect(output).not.toContain("q9Z8q9Z8");
    }
    expect(outputs[0]).toContain("uses (secret, hidden)");
  });

  it("can be allowed with a reason, by place and shape, until a day", () => {
    const allowance = { where: "etl-dev/j#**", shape: "databricks-token", reason: "the example of the docs" };
    const states = (list: readonly SecretAllowance[]) => of(list).stacks[0]?.secrets.map(({ suppressed }) => suppressed?.reason);
    expect(states([allowance])).toEqual([undefined, "the example of the docs", undefined]);
    expect(states([{ ...allowance, expires: "2026-01-01" }])).toEqual([undefined, undefined, undefined]);
    expect(states([{ ...allowance, shape: "jwt" }])).toEqual([undefined, undefined, undefined]);
    expect(states([{ where: "n.py", reason: "test data" }])).toEqual([undefined, undefined, "test data"]);
  });
});

describe("the allow list", () => {
  it("is found in the project of a folder", () => {
    const project = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-allow-"));
    const inner = path.join(project, "cdktf.out/stacks/x");
    fs.mkdirSync(inner, { recursive: true });
    fs.writeFileSync(path.join(project, "cdktf.json"), "{}");
    expect(findAllowances(inner)).toEqual([]);
    fs.writeFileSync(path.join(project, "lakeform.secrets.yaml"), "- where: a#**\n  reason: because\n  expires: 2026-12-31\n");
    expect(findAllowances(inner)).toEqual([{ where: "a#**", reason: "because", expires: "2026-12-31" }]);
    fs.rmSync(project, { recursive: true });
  });

  it.each([
    ["an entry without a reason", "- where: a"],
    ["an entry without a place", "- reason: a"],
    ["an unknown shape", "- {where: a, reason: b, shape: c}"],
    ["an unknown field", "- {where: a, reason: b, until: c}"],
    ["a date that is none", "- {where: a, reason: b, expires: soon}"],
    ["what is no list", "where: a"],
    ["what is no YAML", "{{"],
  ])("rejects %s", (_, yaml) => {
    expect(() => parseAllowances(yaml, "x")).toThrow(expect.objectContaining({ code: "BAD_ALLOW_LIST" }) as Error);
  });
});
