import type { Construct } from "../core/bindings";
import { ConstructError, errorAt } from "../core/errors";
import { nameProblem, nameRules } from "../core/names";
import { callerPosition } from "../core/source";

const { allowed } = nameRules.catalogObject;

/** Checks the name of a securable that a construct creates. @throws ConstructError BAD_NAME */
export function checkName(construct: Construct, noun: string, name: string): void {
  const problem = nameProblem(nameRules.catalogObject, name);
  if (problem !== undefined)
    throw errorAt(construct, "BAD_NAME", `the name of the ${noun} ${problem}`, {
      value: name,
      allowed,
    });
}

/** Checks the name of a securable that is managed elsewhere. @throws ConstructError BAD_NAME */
export function checkExistingName(noun: string, name: string): void {
  const problem = nameProblem(nameRules.catalogObject, name);
  if (problem !== undefined)
    throw new ConstructError("BAD_NAME", `the name of the ${noun} ${problem}`, {
      path: callerPosition(),
      value: name,
      allowed,
    });
}
