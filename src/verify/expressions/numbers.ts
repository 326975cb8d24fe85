/**
 * Terraform calculates with 512 bits: 0.1 + 0.2 is 0.3. JavaScript's numbers have 53 bits, so a
 * number is parsed, and a calculation evaluated, only if the result is exact.
 */

/** Parses a number; undefined if the text is not a number, or has more digits than are kept. */
export function parseExactNumber(text: string): number | undefined {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) return undefined;
  if (Number.isSafeInteger(value) && !text.includes(".")) return value;
  const digits = text
    .replace(/[eE].*/, "")
    .replace(".", "")
    .replace(/^[-+0]+/, "");
  return digits.length <= 15 ? value : undefined;
}

/**
 * Calculates or compares two numbers.
 * @returns undefined if the result is not exact, or for any other operator
 */
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

const fractionScale = 2 ** 20;

/**
 * Returns the result if it and the operands are all integers below 2^53, or all multiples of 2^-20
 * below 2^33: for these, the result is not rounded.
 */
function ifExact(...numbers: [left: number, right: number, result: number]): number | undefined {
  const isExact =
    numbers.every((number) => Number.isSafeInteger(number)) ||
    numbers.every((number) => Number.isSafeInteger(number * fractionScale));
  return isExact ? numbers[2] : undefined;
}

/** Formats a number like Terraform, without an exponent: 0.0000001. */
export function numberText(value: number): string {
  const text = String(value);
  return text.includes("e")
    ? value.toLocaleString("en-US", { useGrouping: false, maximumSignificantDigits: 21 })
    : text;
}
