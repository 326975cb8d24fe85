import { defineEnvironments, Directory } from "../../../constructs";
import { synth } from "../support";

/** Tests with the bindings of cdktn are in toolkits.long.test.ts. */
describe("the workspace of an environment or a construct", () => {
  test("is rejected with bindings that lack the field", () => {
    expect(() => synth(() => undefined, { workspaceId: "42" })).toThrow(
      "the installed bindings do not have workspaceId",
    );
  });
  test("must be a number", () => {
    expect(() =>
      synth((stack) => new Directory(stack, "d", { path: "/Shared/d" }).inWorkspace("adb-42")),
    ).toThrow("the workspace id must be a number");
    const profile = { name: "dev", values: {}, workspaceId: "adb-42" };
    expect(() => defineEnvironments([profile])).toThrow(
      "environment dev: the workspace id must be a number",
    );
  });
  test("cannot be the workspace of another environment", () => {
    const profiles = ["dev", "prod"].map((name) => ({ name, values: {}, workspaceId: "42" }));
    expect(() => defineEnvironments(profiles)).toThrow("the workspace id is already used by dev");
  });
});
