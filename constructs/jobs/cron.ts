/**
 * The seven fields of a Quartz cron expression, of which the year is optional. `onlyValue` matches
 * values that must not be part of a list.
 */
const fields = [
  { name: "seconds", min: 0, max: 59 },
  { name: "minutes", min: 0, max: 59 },
  { name: "hours", min: 0, max: 23 },
  {
    name: "day of month",
    min: 1,
    max: 31,
    onlyValue: /^(\?|L|LW|L-([1-9]|[12]\d|30)W?|([1-9]|[12]\d|3[01])W)$/,
  },
  {
    name: "month",
    min: 1,
    max: 12,
    words: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
  },
  {
    name: "day of week",
    min: 1,
    max: 7,
    words: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
    onlyValue: /^(\?|L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(L|#[1-5]))$/,
  },
  { name: "year", min: 1970, max: 2199 },
] as const satisfies readonly Field[];

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly words?: readonly string[];
  readonly onlyValue?: RegExp;
}

export const cronAllowed =
  "Quartz: seconds minutes hours day-of-month month day-of-week [year], as in 0 0 6 * * ?";

/** The greatest number of days of each month. */
const daysOfMonths: readonly number[] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Returns the problem with a Quartz cron expression, or undefined. Rejects everything that Quartz
 * rejects (`test/constructs/jobs/cron.long.test.ts` compares with Quartz itself). Also rejects
 * syntax that Quartz accepts but ignores: a step after names (`MON-FRI/2`), a step of zero or
 * larger than the field, text after a complete item (`*-5`), L, W and # in a list, and days that no
 * month has.
 * @see https://www.quartz-scheduler.org/documentation/quartz-2.3.0/tutorials/crontrigger.html
 */
export function cronProblem(expression: string): string | undefined {
  const parts = expression.trim().toUpperCase().split(/\s+/);
  if (parts.length === 5)
    return "this is a Unix cron expression of five fields; Quartz requires the seconds first, and ? for one of the two days";
  if (parts.length < 6 || parts.length > 7)
    return `it has ${expression.trim() === "" ? 0 : parts.length} fields, but needs 6 or 7`;
  for (const [index, part] of parts.entries()) {
    const field: Field | undefined = fields[index];
    const problem = field && fieldProblem(field, part);
    if (problem !== undefined) return problem;
  }
  const [, , , dayOfMonth = "", month = "", dayOfWeek] = parts;
  if ((dayOfMonth === "?") === (dayOfWeek === "?"))
    return "exactly one of day of month and day of week must be ?";
  if (/^[\d,-]+$/.test(dayOfMonth)) {
    const first = Math.min(...dayOfMonth.split(",").map((item) => firstDay(item)));
    const months = valuesOf(fields[4], month);
    if (months.every((monthNumber) => (daysOfMonths[monthNumber - 1] ?? 0) < first))
      return `it never fires: no such month has a day ${first}`;
  }
  return undefined;
}

function fieldProblem(field: Field, text: string): string | undefined {
  if (field.onlyValue?.test(text) === true) return undefined;
  for (const item of text.split(",")) {
    const problem = itemProblem(field, item);
    if (problem !== undefined) return `${field.name}: ${problem}`;
  }
  return undefined;
}

function itemProblem(field: Field, item: string): string | undefined {
  if (field.onlyValue?.test(item) === true) return `"${item}" must not be in a list`;
  const match = /^(\*|[A-Z]{3}|\d{1,4})?(?:-([A-Z]{3}|\d{1,4}))?(?:\/(\d{1,4}))?$/.exec(item);
  const [, from = "*", to, step] = match ?? [];
  if (match === null || item === "" || (from === "*" && to !== undefined))
    return `"${item}" is invalid`;
  const bounds = [from, to].filter(
    (bound): bound is string => bound !== undefined && bound !== "*",
  );
  for (const bound of bounds) {
    const value = numberOf(field, bound);
    if (value === undefined || value < field.min || value > field.max)
      return `${bound} is not between ${field.min} and ${field.max}`;
  }
  if (new Set(bounds.map(isWord)).size > 1)
    return `"${item}" has a name at one end, and a number at the other`;
  if (field.name === "year" && to !== undefined && Number(to) < Number(from))
    return `${to} comes before ${from}`;
  if (step === undefined) return undefined;
  if (isWord(from)) return `the step of "${item}" is ignored after a name: use numbers`;
  return Number(step) < 1 || Number(step) > field.max
    ? `the step ${step} is not between 1 and ${field.max}`
    : undefined;
}

const isWord = (bound: string): boolean => /^[A-Z]/.test(bound);

function numberOf(field: Field, text: string): number | undefined {
  if (!isWord(text)) return Number(text);
  const index = field.words?.indexOf(text) ?? -1;
  return index < 0 ? undefined : index + 1;
}

/** Returns the earliest day of an item; 1 for a range that wraps around the end of the month. */
function firstDay(item: string): number {
  const [from = 1, to = from] = item.split("-").map(Number);
  return to < from ? 1 : from;
}

/** Returns all values of a field without special characters. A range may wrap around: `NOV-FEB`. */
function valuesOf(field: Field, text: string): number[] {
  const span = field.max - field.min + 1;
  return text.split(",").flatMap((item) => {
    const [range = "*", step = "1"] = item.split("/");
    const [from = "", to] = range.split("-");
    const start = from === "*" || from === "" ? field.min : (numberOf(field, from) ?? field.min);
    const toEnd = from === "*" || from === "" || item.includes("/") ? field.max : start;
    const end = to === undefined ? toEnd : (numberOf(field, to) ?? field.max);
    const length = (end - start + span) % span;
    const values = Array.from(
      { length: Math.floor(length / Number(step)) + 1 },
      (_, index) => start + index * Number(step),
    );
    return values.map((value) => ((value - field.min) % span) + field.min);
  });
}
