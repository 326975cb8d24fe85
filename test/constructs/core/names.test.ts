import { existingId, nameProblem, nameRules } from "../../../constructs/core/names";

describe("ids of existing objects", () => {
  test("are ids as the workspace shows them, or references", () => {
    expect(
      ["0923-164208-meows279", "ABCD000000000000", "${databricks_cluster.c.id}"].map((id) =>
        existingId("cluster", id, { example: "…" }),
      ),
    ).toHaveLength(3);
  });
  test.each(["", "a b", "/Shared/a", "a/b", "https://host/#job/1"])("rejects %j", (id) => {
    expect(() => existingId("cluster", id, { example: "0923-164208-meows279" })).toThrow(
      "not a valid id of a cluster",
    );
  });
});

describe("names", () => {
  test.each([
    [nameRules.taskKey, "ingest_1-a", undefined],
    [nameRules.taskKey, "a b", "invalid character"],
    [nameRules.taskKey, "a".repeat(101), "101 characters"],
    [nameRules.stack, "Daily", "invalid character"],
    [nameRules.secretScope, "", "is empty"],
    [nameRules.catalogObject, "a\u0000b", "invalid character"],
    [nameRules.catalogObject, "größe", undefined],
    [nameRules.jobName, "   ", "invalid character"],
    [nameRules.environmentVariable, "${TfToken[TOKEN.1]}", undefined],
  ])("rule %# accepts and rejects its examples", (rule, name, expected) => {
    const problem = nameProblem(rule, name);
    if (expected === undefined) expect(problem).toBeUndefined();
    else expect(problem).toContain(expected);
  });
});
