import { WorkspaceStack } from "../../../constructs";
import { synth } from "../support";

describe("the stack's metadata", () => {
  test("contains the stack's identity and the defaults of its environment", () => {
    const { metadata } = synth((stack) => expect(stack).toBeInstanceOf(WorkspaceStack));
    expect(metadata).toEqual({
      version: 1,
      project: "tests",
      environment: "local",
      stack: "test-local",
      provider: "official",
      stamp: "tests/test-local",
      recordFolder: "/Workspace/Shared/.lakeform/tests/test-local",
      resources: {},
      variables: {},
      ignores: [],
      suppressions: [],
      profileSettings: { backend: "local", schedules: "on", values: {} },
    });
  });
});
