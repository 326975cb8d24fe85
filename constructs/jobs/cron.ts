/** The seven fields of a Quartz cron expression, the year optional. */
const fields = [
  { name: "seconds", min: 0, max: 59, special: /^$/ },
  { name: "minutes", min: 0, max: 59, special: /^$/ },
  { name: "hours", min: 0, max: 23, special: /^$/ },
  { name: "day of month", min: 1, max: 31, special: /^(\?|L|LW|L-\d{1,2}|\d{1,2}W)$/ },
  {
    name: "month",
    min: 1,
    max: 12,
    special: /^$/,
    words: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
  },
  {
    name: "day of week",
    min: 1,
    max: 7,
    special: /^(\?|L|[1-7]L|[1-7]#[1-5]|[A-Z]{3}(L|#[1-5]))$/,
    words: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
  },
  { name: "year", min: 1970, max: 2199, special: /^$/ },
] as const;

type Field = (typeof fields)[number];

/**
 * What is wrong with a Quartz cron expression, or undefined. Stricter than Quartz in one thing: exactly one of day of month and day of week must be `?`.
 * @see https://www.quartz-scheduler.org/documentation/quartz-2.3.0/tutorials/crontrigger.html
 */
export function cronProblem(expression: string): string | undefined {
  const parts = expression.trim().split(/\s+/);
  if (parts.length === 5)
    return "this is a Unix cron expression of five fields; Quartz wants the seconds in front, and ? for one of the two days";
  if (parts.length < 6 || parts.length > 7) return `it has ${expression.trim() === "" ? 0 : parts.length} fields, and needs 6 or 7`;
  for (const [index, part] of parts.entries()) {
    const field = fields[index];
    const wrong = field && fieldProblem(field, part.toUpperCase());
    if (wrong !== undefined) return wrong;
  }
  const [, , , dayOfMonth, , dayOfWeek] = parts;
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) return "exactly one of day of month and day of week is ?";
  return undefined;
}

function fieldProblem(field: Field, text: string): string | undefined {
  for (const item of text.split(",")) {
    if (item === "*" || field.special.test(item)) continue;
    const match = /^(\*|[A-Z]{3}|\d+)(?:-([A-Z]{3}|\d+))?(?:\/(\d+))?$/.exec(item);
    if (match === null) return `${field.name}: "${item}" is not understood`;
    const [, from = "", to, step] = match;
    for (const bound of [from, to]) {
      if (bound === undefined || bound === "*") continue;
      const value = numberOf(field, bound);
      if (value === undefined || value < field.min || value > field.max)
        return `${field.name}: ${bound} is not within ${field.min} and ${field.max}`;
    }
    if (step !== undefined && (Number(step) < 1 || Number(step) > field.max))
      return `${field.name}: the step ${step} is not within 1 and ${field.max}`;
  }
  return undefined;
}

function numberOf(field: Field, text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  const index = "words" in field ? (field.words as readonly string[]).indexOf(text) : -1;
  return index < 0 ? undefined : index + 1;
}
