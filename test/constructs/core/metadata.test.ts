import type { StackMetadata as Written } from "../../../constructs/core/metadata";
import type { StackMetadata as Read } from "../../../src/terraform/metadata";
import { WorkspaceStack } from "../../../constructs";
import { synth } from "../support";

// The two descriptions of a stack are one type, though neither room imports the other: this file compiles only while they are equal.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the one way to compare types exactly is by two generic functions
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same: Equal<Written, Read> = true;

describe("the stack's description of itself", () => {
  test("is what src reads", () => {
    expect(same).toBe(true);
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
