import { ConstructError, ConstructErrors } from "../../../constructs";
import { oneOf } from "../../../constructs/core/errors";

describe("errors", () => {
  test("are formatted with one fact per line", () => {
    const error = new ConstructError("BAD_NAME", "the name is empty", {
      path: "dev/job",
      value: "",
      allowed: "letters",
      fix: "give one",
    });
    expect(error.format()).toBe(
      "BAD_NAME: the name is empty\n  at:      dev/job\n  given:   \n  allowed: letters\n  fix:     give one",
    );
    const value = { timezone: "UTC" };
    expect(new ConstructError("BAD_TIMEZONE", "unknown", { value }).format()).toContain(
      '  given:   {"timezone":"UTC"}',
    );
    expect(new ConstructErrors([error, error]).format()).toMatch(
      /^SYNTH_PROBLEMS: 2 problems found\n\nBAD_NAME/,
    );
    expect(oneOf(["a", "b", "c"])).toBe("a, b or c");
  });
});
