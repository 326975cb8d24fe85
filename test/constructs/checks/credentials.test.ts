import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Content, Notebook, warningsOf, type WorkspaceStack } from "../../../constructs";
import { checkCredentials } from "../../../constructs/checks/credentials";
import type { Block } from "../../../constructs/checks/rendered";
import { problems, synth } from "../support";

const check = (body: Block): string[] =>
  checkCredentials({ path: "p", type: "databricks_job", body, json: JSON.stringify(body) }).map(
    ({ code }) => code,
  );

// Built at run time, so that no scanner reports this file as a leak.
const fakeToken = (prefix: string, letter: string, length: number): string =>
  prefix + letter.repeat(length);

describe("credentials", () => {
  test.each([
    ["a Databricks token", fakeToken("dapi", "0", 32)],
    ["a Databricks OAuth secret", fakeToken("dose", "a", 32)],
    ["an AWS access key", fakeToken("AKIA", "A", 16)],
    ["a GitHub token", fakeToken("ghp_", "x", 36)],
    ["a GitLab token", fakeToken("glpat-", "x", 20)],
    ["a Slack token", fakeToken("xoxb-", "1", 12)],
    ["a Google API key", fakeToken("AIza", "x", 35)],
    ["a private key", `-----BEGIN PRIVATE KEY-----`],
    ["an Azure account key", `AccountKey=${"A".repeat(86)}==`],
    ["an Azure shared access signature", `https://a.blob/x?sig=${"A".repeat(43)}`],
    ["a password in a URL", `postgres://user:hunter22@host/db`],
    ["a bearer token", `Bearer ${"a".repeat(24)}`],
  ])("finds %s, and does not show it", (_, secret) => {
    const findings = checkCredentials({
      path: "p",
      type: "t",
      body: { a: [{ b: `x ${secret}` }] },
      json: JSON.stringify({ a: secret }),
    });
    expect(findings).toMatchObject([{ code: "CREDENTIAL_LITERAL" }]);
    expect(JSON.stringify(findings)).not.toContain(secret);
  });
  test("finds a secret by its name", () => {
    expect(check({ spark_conf: { "fs.azure.account.key.x": "abc" } })).toEqual([
      "CREDENTIAL_LITERAL",
    ]);
    expect(check({ basic_auth: { password: "abc" } })).toEqual(["CREDENTIAL_LITERAL"]);
  });
  test("finds a credential in a text artifact, in the environment's profile, and in an output", () => {
    const token = fakeToken("dapi", "0", 32);
    const findings = (build: (stack: WorkspaceStack) => unknown, values: unknown = {}): string[] =>
      problems(build, { values }).map(
        ({ code, message, details }) =>
          `${code} ${details.path ?? ""} ${message.replace(/ contains.*/, "")}`,
      );
    expect(
      findings(
        (stack) =>
          new Notebook(stack, "n", {
            path: "/a",
            language: "SQL",
            content: Content.text(`-- ${token}`),
          }),
      ),
    ).toEqual(["CREDENTIAL_LITERAL test-local/n content_base64"]);
    expect(findings(() => undefined, { secret: "its-scope" })).toEqual([]);
    expect(findings(() => undefined, { api: { key: token } })).toEqual([
      "CREDENTIAL_LITERAL test-local environment.values.api.key",
    ]);
    expect(findings((stack) => stack.addOverride("output.leak.value", token))).toEqual([
      "CREDENTIAL_LITERAL test-local output.leak.value",
    ]);
  });
  test("warns of a credential in an uploaded file only by its format, and not of examples", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-leak-"));
    const warningsFor = (text: string): string[] => {
      let warnings: string[] = [];
      fs.writeFileSync(path.join(folder, "n.py"), text);
      synth((stack) => {
        new Notebook(stack, "n", { path: "/a", content: Content.file(path.join(folder, "n.py")) });
        warnings = warningsOf(stack).map(
          ({ code, path: constructPath, message }) => `${code} ${constructPath} ${message}`,
        );
      });
      return warnings;
    };
    expect(warningsFor(`token = "${fakeToken("ghp_", "x", 36)}"`)).toEqual([
      "CREDENTIAL_IN_FILE test-local/n n.py contains what looks like a GitHub token, and would be uploaded unchanged",
    ]);
    expect(
      warningsFor(`# https://user:password@host, AKIAIOSFODNN7EXAMPLE, password = "x"`),
    ).toEqual([]);
    fs.rmSync(folder, { recursive: true });
  });
  test("accepts references and ordinary strings", () => {
    expect(
      check({
        password: "${var.X}",
        spark_conf: { "fs.azure.account.key.x": "{{secrets/a/b}}" },
        url: "https://github.com/a/b",
        task_key: "ingest",
        key: "api-key",
      }),
    ).toEqual([]);
  });
});
