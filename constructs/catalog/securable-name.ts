import type { Construct } from "../core/bindings";
import { ConstructError, errorAt } from "../core/errors";
import { nameProblem, nameRules } from "../core/names";
import { callerPosition } from "../core/caller-position";

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

/**
 * Splits the full name of a securable that is managed elsewhere.
 * @param form the form of the full name: `catalog.schema.table`
 * @throws ConstructError BAD_NAME
 */
export function splitFullName(
  fullName: string,
  form: `catalog.${"schema" | `schema.${string}`}`,
): readonly string[] {
  const parts = fullName.split(".");
  const formParts = form.split(".");
  if (
    parts.length === formParts.length &&
    parts.every((part) => nameProblem(nameRules.catalogObject, part) === undefined)
  )
    return parts;
  const noun = formParts.at(-1) ?? "";
  throw new ConstructError(
    "BAD_NAME",
    `the full name of a ${noun} includes its ${formParts.slice(0, -1).join(" and ")}`,
    { path: callerPosition(), value: fullName, allowed: form },
  );
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
