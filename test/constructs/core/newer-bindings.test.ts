import { ConstructError } from "../../../constructs";
import { bindingsProvider } from "../../../constructs/core/bindings";
import { newerProps } from "../../support/newer-props";
import { synth } from "../support";

describe("props that are newer than provider 1.99.0, with the bindings of 1.99.0", () => {
  test("are tested with the installed bindings of 1.99.0", () =>
    expect(bindingsProvider()).toBe("1.99.0"));

  test.each(Object.entries(newerProps))(
    "reject %s, and name the bindings that support it",
    (names, build) => {
      let rejection: unknown;
      try {
        synth(build);
      } catch (error) {
        rejection = error;
      }
      if (!(rejection instanceof ConstructError))
        throw new Error(`not a ConstructError: ${String(rejection)}`);
      expect(rejection.code).toBe("NEWER_BINDINGS_NEEDED");
      expect(rejection.message).toContain(names);
      expect(rejection.details.allowed).toMatch(
        /^bindings of provider 1\.(128|132)\.0 or newer: @cdktn/,
      );
      expect(rejection.details.path).toBeDefined();
    },
  );
});
