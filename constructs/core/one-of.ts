import type { Construct } from "./bindings";
import { errorAt } from "./errors";

/** Checks that exactly one of the choices is set. @throws ConstructError ONE_OF */
export function checkOneOf(
  construct: Construct,
  noun: string,
  choices: Readonly<Record<string, unknown>>,
): void {
  const setNames = Object.keys(choices).filter((name) => choices[name] !== undefined);
  if (setNames.length === 1) return;
  throw errorAt(construct, "ONE_OF", `${noun} needs exactly one of several properties`, {
    value: setNames.length === 0 ? "none" : setNames.join(" and "),
    allowed: Object.keys(choices).join(", "),
    fix: setNames.length === 0 ? "set one of them" : "keep one of them",
  });
}
