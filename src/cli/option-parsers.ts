import { InvalidArgumentError } from "commander";

/** Adds the value of a repeatable option to the previous ones. */
export function collect(value: string, values: readonly string[]): readonly string[] {
  return [...values, value];
}

export function parseWholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("must be a whole number");
  return Number(text);
}

export function parsePositive(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text))
    throw new InvalidArgumentError("must be a whole number above 0");
  return Number(text);
}
