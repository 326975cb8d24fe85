import type { Construct } from "./bindings";
import { errorAt } from "./errors";

/** Checks that exactly one of the choices is set. @throws ConstructError ONE_OF */
export function checkOneOf(
  construct: Construct,
  noun: string,
  choices: Readonly<Record<string, unknown>>,
): void {
  const set = Object.keys(choices).filter((name) => choices[name] !== undefined);
  if (set.length === 1) return;
  throw errorAt(construct, "ONE_OF", `${noun} needs exactly one of several properties`, {
    value: set.length === 0 ? "none" : set.join(" and "),
    allowed: Object.keys(choices).join(", "),
    fix: set.length === 0 ? "set one of them" : "keep one of them",
  });
}
