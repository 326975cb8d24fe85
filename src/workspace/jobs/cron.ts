/**
 * A Quartz cron expression of a job's schedule:
 * `seconds minutes hours day-of-month month day-of-week [year]`.
 */
export interface Cron {
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly months: readonly number[];
  readonly years: readonly number[] | undefined;
  /** Whether the expression matches a day: year, month 1–12, day 1–31. */
  readonly day: (year: number, month: number, day: number) => boolean;
}

const monthNames = [
  "JAN",
  "FEB",
  "MAR",
  "APR",
  "MAY",
  "JUN",
  "JUL",
  "AUG",
  "SEP",
  "OCT",
  "NOV",
  "DEC",
];
const dayNames = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/** Parses a Quartz expression. @returns undefined for an invalid one */
export function parseCron(expression: string): Cron | undefined {
  const fields = expression.trim().toUpperCase().split(/\s+/);
  if (fields.length < 6 || fields.length > 7) return undefined;
  const [second = "", minute = "", hour = "", dom = "", month = "", dow = "", year] = fields;
  const seconds = list(second, 0, 59);
  const minutes = list(minute, 0, 59);
  const hours = list(hour, 0, 23);
  const months = list(month, 1, 12, monthNames, 1);
  const years = year === undefined || year === "*" ? undefined : list(year, 1970, 2199);
  // Quartz cannot combine the two day fields: exactly one of them is "?".
  if (
    seconds === undefined ||
    minutes === undefined ||
    hours === undefined ||
    months === undefined ||
    (dom === "?") === (dow === "?")
  )
    return undefined;
  if (year !== undefined && year !== "*" && years === undefined) return undefined;
  const day = dow === "?" ? dayOfMonth(dom) : dayOfWeek(dow);
  return day === undefined ? undefined : { seconds, minutes, hours, months, years, day };
}

/** Parses `*`, `5`, `1-5`, `0/15`, `10-30/5`, `MON-FRI` or a comma-separated list of these. */
function list(
  field: string,
  low: number,
  high: number,
  names: readonly string[] = [],
  first = 0,
): number[] | undefined {
  const found = new Set<number>();
  const numberOf = (word: string): number | undefined => {
    const name = names.indexOf(word);
    if (name >= 0) return name + first;
    const value = /^\d+$/.test(word) ? Number(word) : Number.NaN;
    return value >= low && value <= high ? value : undefined;
  };
  for (const part of field.split(",")) {
    const [range = "", step, more] = part.split("/");
    if (more !== undefined || (step !== undefined && !/^[1-9]\d*$/.test(step))) return undefined;
    const [from = "", to, extra] = range.split("-");
    if (extra !== undefined) return undefined;
    const start = from === "*" ? low : numberOf(from);
    const end = to !== undefined ? numberOf(to) : from === "*" || step !== undefined ? high : start;
    if (start === undefined || end === undefined || (from === "*" && to !== undefined))
      return undefined;
    const span = high - low + 1;
    // A range may wrap around: FRI-MON, 22-2.
    for (let at = start; at <= (end >= start ? end : end + span); at += Number(step ?? 1))
      found.add(((at - low) % span) + low);
  }
  return [...found].sort((a, b) => a - b);
}

const lastDay = (year: number, month: number): number =>
  new Date(Date.UTC(year, month, 0)).getUTCDate();
/** Returns 1 (Sunday) to 7, as in Quartz. */
const weekday = (year: number, month: number, day: number): number =>
  new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;

/** Returns the weekday (Monday to Friday) nearest to a day, within its month, if it has the day. */
function nearestWeekday(year: number, month: number, day: number): number | undefined {
  const end = lastDay(year, month);
  if (day > end) return undefined;
  const name = weekday(year, month, day);
  if (name === 7) return day === 1 ? 3 : day - 1;
  if (name === 1) return day === end ? day - 2 : day + 1;
  return day;
}

function dayOfMonth(field: string): Cron["day"] | undefined {
  const special = /^(?:L(?:-(\d{1,2}))?(W)?|(\d{1,2})W)$/.exec(field);
  if (special !== null) {
    const [, before = "0", onWeekday, fixed] = special;
    return (year, month, day) => {
      const target = fixed === undefined ? lastDay(year, month) - Number(before) : Number(fixed);
      return (
        day ===
        (fixed !== undefined || onWeekday !== undefined
          ? nearestWeekday(year, month, target)
          : target)
      );
    };
  }
  const days = list(field, 1, 31);
  return days === undefined ? undefined : (_year, _month, day) => days.includes(day);
}

function dayOfWeek(field: string): Cron["day"] | undefined {
  const number = (word: string): number =>
    dayNames.includes(word) ? dayNames.indexOf(word) + 1 : Number(word);
  const special = /^([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(?:(L)|#([1-5]))$/.exec(field);
  if (special !== null) {
    const [, name = "", , nth] = special;
    return (year, month, day) =>
      weekday(year, month, day) === number(name) &&
      (nth === undefined ? day > lastDay(year, month) - 7 : Math.ceil(day / 7) === Number(nth));
  }
  const days = field === "L" ? [7] : list(field, 1, 7, dayNames, 1);
  return days === undefined
    ? undefined
    : (year, month, day) => days.includes(weekday(year, month, day));
}

const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * Returns the zone's offset from UTC at that time, in milliseconds.
 * @throws RangeError for an unknown zone
 */
export function zoneOffset(zone: string, time: number): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(zone, format);
  }
  const part: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(time)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(time / 1000) * 1000;
}

export function knownZone(zone: string): boolean {
  try {
    zoneOffset(zone, 0);
    return true;
  } catch {
    return false;
  }
}

const DAY = 86_400_000;

/**
 * Returns the first time after `after` at which the expression fires in the zone; undefined if it
 * never does. As in Quartz, a local time that daylight saving skips does not fire, and one that
 * occurs twice fires the second time only.
 */
export function nextFire(cron: Cron, zone: string, after: number): number | undefined {
  const wall = new Date(after + zoneOffset(zone, after) + 1000);
  wall.setUTCMilliseconds(0);
  const today = Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth(), wall.getUTCDate());
  // Leap days and "fifth Friday of February" recur after up to 28 years.
  for (let dayOffset = 0; dayOffset < 366 * 29; dayOffset++) {
    const date = new Date(today + dayOffset * DAY);
    const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
    if (
      cron.years?.includes(year) === false ||
      !cron.months.includes(month) ||
      !cron.day(year, month, day)
    )
      continue;
    for (const local of times(cron, date.getTime(), dayOffset === 0 ? wall.getTime() : 0)) {
      const found = toUtc(zone, local);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** Returns the firing times of one day from `from` on, as local times. */
function* times(cron: Cron, midnight: number, from: number): Generator<number> {
  for (const hour of cron.hours) {
    if (midnight + (hour + 1) * 3_600_000 <= from) continue;
    for (const minute of cron.minutes)
      for (const second of cron.seconds) {
        const local = midnight + ((hour * 60 + minute) * 60 + second) * 1000;
        if (local >= from) yield local;
      }
  }
}

/** Returns the last time at which the zone's local time is `local`. */
function toUtc(zone: string, local: number): number | undefined {
  const candidates = [
    local - zoneOffset(zone, local - DAY),
    local - zoneOffset(zone, local + DAY),
  ].sort((a, b) => b - a);
  return candidates.find((time) => time + zoneOffset(zone, time) === local);
}
