import { checkCredentials } from "../../../constructs/checks/credentials";
import type { Block } from "../../../constructs/checks/rendered";

const check = (body: Block): string[] =>
  checkCredentials({ path: "p", type: "databricks_job", body, json: JSON.stringify(body) }).map(({ code }) => code);

// Made up at run time, so that no scanner takes this file for a leak.
const made = (prefix: string, letter: string, length: number): string => prefix + letter.repeat(length);

describe("credentials", () => {
  test.each([
    made("dapi", "0", 32),
    made("dose", "a", 32),
    made("AKIA", "A", 16),
    made("ghp_", "x", 36),
    made("glpat-", "x", 20),
    made("xoxb-", "1", 12),
    made("AIza", "x", 35),
    `-----BEGIN PRIVATE KEY-----`,
    `AccountKey=${"A".repeat(86)}==`,
    `https://a.blob/x?sig=${"A".repeat(43)}`,
    `postgres://user:hunter22@host/db`,
    `Bearer ${"a".repeat(24)}`,
  ])("finds %#", (secret) => {
    const findings = checkCredentials({ path: "p", type: "t", body: { a: [{ b: `x ${secret}` }] }, json: JSON.stringify({ a: secret }) });
    expect(findings).toMatchObject([{ code: "CREDENTIAL_LITERAL" }]);
    expect(JSON.stringify(findings)).not.toContain(secret);
  });
  test("finds a secret by its name", () => {
    expect(check({ spark_conf: { "fs.azure.account.key.x": "abc" } })).toEqual(["CREDENTIAL_LITERAL"]);
    expect(check({ basic_auth: { password: "abc" } })).toEqual(["CREDENTIAL_LITERAL"]);
  });
  test("leaves references and ordinary texts alone", () => {
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
