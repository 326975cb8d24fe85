import type { Desired } from "./values";
import { parseExactNumber } from "./numbers";
import { isDesiredObject, textOf } from "./values";

export type TerraformFunction = (args: readonly Desired[], directory: string) => Desired;

/**
 * Thrown by a function for invalid arguments, which Terraform rejects, too. The message is shown as
 * the reason.
 */
export class FunctionError extends Error {}

/** Thrown by a function for arguments that only Terraform supports. */
export class UnsupportedError extends FunctionError {}

/** Returns an argument. `text`, `list` and `map` also check its type. @throws FunctionError */
export function argument(args: readonly Desired[], index: number): Desired {
  const value = args[index];
  if (value === undefined) throw new FunctionError(`argument ${index + 1} is missing`);
  return value;
}

export function text(args: readonly Desired[], index: number): string {
  const value = argument(args, index);
  if (value === null || typeof value === "object")
    throw new FunctionError(`argument ${index + 1} is not a string`);
  return textOf(value);
}

export function list(args: readonly Desired[], index: number): readonly Desired[] {
  const value = argument(args, index);
  if (!Array.isArray(value)) throw new FunctionError(`argument ${index + 1} is not a list`);
  return value;
}

export function map(args: readonly Desired[], index: number): Record<string, Desired> {
  const value = argument(args, index);
  if (!isDesiredObject(value)) throw new FunctionError(`argument ${index + 1} is not a map`);
  return value;
}

export function finite(value: Desired): number {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || !/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(value))
    throw new FunctionError("expected a number");
  const number = parseExactNumber(value);
  if (number === undefined) throw new UnsupportedError("the number has too many digits");
  return number;
}

export function boolean(value: Desired): boolean {
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  throw new FunctionError("expected true or false");
}
