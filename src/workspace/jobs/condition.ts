/** The operators of condition_task. */
export const conditionOps = [
  "EQUAL_TO",
  "NOT_EQUAL",
  "GREATER_THAN",
  "GREATER_THAN_OR_EQUAL",
  "LESS_THAN",
  "LESS_THAN_OR_EQUAL",
] as const;
export type ConditionOp = (typeof conditionOps)[number];

/**
 * Compares the operands of a condition_task as documented by the platform: equality compares strings
 * ("12.0" is not "12"), the other operators compare numbers.
 * @returns undefined if an operand of an ordering operator is not a number
 */
export function compareOperands(op: ConditionOp, left: string, right: string): boolean | undefined {
  if (op === "EQUAL_TO") return left === right;
  if (op === "NOT_EQUAL") return left !== right;
  const leftNumber = parseNumber(left);
  const rightNumber = parseNumber(right);
  if (leftNumber === undefined || rightNumber === undefined) return undefined;
  if (op === "GREATER_THAN") return leftNumber > rightNumber;
  if (op === "GREATER_THAN_OR_EQUAL") return leftNumber >= rightNumber;
  if (op === "LESS_THAN") return leftNumber < rightNumber;
  return leftNumber <= rightNumber;
}

function parseNumber(value: string): number | undefined {
  const trimmed = value.trim();
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(trimmed)) return undefined;
  return Number(trimmed);
}
