import type { Diagnostic } from "../../src/terraform/json-lines";
import type { TerraformContext } from "../../src/terraform/run";
import type { SynthesizedStack } from "../../src/terraform/stack";
import { lockErrorOf, withStateAdvice } from "../../src/terraform/state-errors";

const stackWith = (backend: string): SynthesizedStack =>
  ({
    name: "etl-local",
    directory: "/p/etl-local",
    metadata: { profileSettings: { backend } },
  }) as unknown as SynthesizedStack;
const none: Pick<TerraformContext, "states"> = {};
const error = (summary: string, detail: string): Diagnostic => ({
  severity: "error",
  summary,
  detail,
});
const refusedLock = "Error acquiring the state lock";

describe("lockErrorOf", () => {
  test("names the holder of a lock", () => {
    const detail =
      "Lock Info:\n  ID:        7\n  Operation: apply\n  Who:       ann@box\n  Created:   now\n";
    expect(lockErrorOf([error(refusedLock, detail)], none, stackWith("s3"))).toMatchObject({
      code: "STATE_LOCKED",
      details: {
        value: "apply by ann@box since now",
        fix: expect.stringMatching(/force-unlock 7$/) as string,
      },
    });
  });

  test("names the lock of an http backend, whose message describes the request", () => {
    const detail =
      "Error message: HTTP remote state already locked: ID=held\nLock Info:\n  ID:        requested\n  Operation: plan\n  Who:       me\n";
    expect(lockErrorOf([error(refusedLock, detail)], none, stackWith("http"))).toMatchObject({
      code: "STATE_LOCKED",
      details: { value: "lock held", fix: expect.stringMatching(/force-unlock held$/) as string },
    });
  });

  test("reports no lock if the backend could not be asked", () => {
    const errors = [
      error(refusedLock, "LOCK http://127.0.0.1:1/state giving up after 3 attempt(s)"),
    ];
    expect(lockErrorOf(errors, none, stackWith("http"))).toBeUndefined();
    expect(lockErrorOf([], none, stackWith("http"))).toBeUndefined();
  });
});

describe("withStateAdvice", () => {
  const releaseError = error(
    "Error releasing the state lock",
    'Error message: 403\n\nIn this scenario, please call the "force-unlock" command',
  );
  const persistError = error(
    "Failed to persist state to backend",
    "x\n\nterraform state push errored.tfstate",
  );

  test("replaces Terraform's commands that do not work for a state in the workspace", () => {
    const stack = stackWith("workspace");
    expect(withStateAdvice(releaseError, stack).detail).toMatch(
      /^Error message: 403\nwhat to do: [^]*lakeform state unlock$/,
    );
    expect(withStateAdvice(persistError, stack).detail).toMatch(/errored.tfstate\nwhat to do: run/);
  });

  test("keeps the messages of other backends and other errors", () => {
    expect(withStateAdvice(releaseError, stackWith("s3"))).toBe(releaseError);
    const other = error("x", "y");
    expect(withStateAdvice(other, stackWith("workspace"))).toBe(other);
  });
});
