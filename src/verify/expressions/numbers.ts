/**
 * Numbers are decimal in Terraform, with over 150 digits: 0.1 + 0.2 is 0.3. Here they are binary, so
 * a calculation is evaluated only if its result is exact.
 */

/** Whether a number keeps all digits of the text that it was parsed from, as in Terraform. */
export function hasDigitsOf(value: number, text: string): boolean {
  const digits = text
    .replace(/[eE].*/, "")
    .replace(".", "")
    .replace(/^[-+0]+/, "");
  return Number.isSafeInteger(value) || (Number.isFinite(value) && digits.length <= 15);
}

const fractionBits = 2 ** 20;

/** @returns undefined if the result is not exact, or if the operator is not one of numbers */
export function calculate(
  operator: string,
  left: number,
  right: number,
): number | boolean | undefined {
  switch (operator) {
    case "<":
      return left < right;
    case ">":
      return left > right;
    case "<=":
      return left <= right;
    case ">=":
      return left >= right;
    case "+":
      return ifExact(left, right, left + right);
    case "-":
      return ifExact(left, right, left - right);
    case "*":
      return ifExact(left, right, left * right);
    case "%":
      return ifExact(left, right, left % right);
    case "/":
      return calculate("*", left / right, right) === left ? left / right : undefined;
    default:
      return undefined;
  }
}

/** Double precision adds and multiplies these exactly: integers, and short binary fractions. */
function ifExact(...numbers: [left: number, right: number, result: number]): number | undefined {
  const isExact =
    numbers.every((number) => Number.isSafeInteger(number)) ||
    numbers.every((number) => Number.isSafeInteger(number * fractionBits));
  return isExact ? numbers[2] : undefined;
}

/** Formats a number like Terraform, without an exponent: 0.0000001. */
export function numberText(value: number): string {
  const text = String(value);
  return text.includes("e")
    ? value.toLocaleString("en-US", { useGrouping: false, maximumSignificantDigits: 21 })
    : text;
}
