import { nameProblem, nameRules } from "../../../constructs/core/names";

describe("names", () => {
  test.each([
    [nameRules.taskKey, "ingest_1-a", undefined],
    [nameRules.taskKey, "a b", "not allowed"],
    [nameRules.taskKey, "a".repeat(101), "101 characters"],
    [nameRules.stack, "Daily", "not allowed"],
    [nameRules.secretScope, "", "is empty"],
    [nameRules.catalogObject, "a\u0000b", "not allowed"],
    [nameRules.catalogObject, "größe", undefined],
    [nameRules.jobName, "   ", "not allowed"],
    [nameRules.environmentVariable, "${TfToken[TOKEN.1]}", undefined],
  ])("%#", (rule, name, expected) => {
    const found = nameProblem(rule, name);
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(expected);
  });
});
