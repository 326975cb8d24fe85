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
  readonly matchesDay: (year: number, month: number, day: number) => boolean;
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
  const [
    second = "",
    minute = "",
    hour = "",
    dayOfMonthField = "",
    month = "",
    dayOfWeekField = "",
    year,
  ] = fields;
  const seconds = parseField(second, 0, 59);
  const minutes = parseField(minute, 0, 59);
  const hours = parseField(hour, 0, 23);
  const months = parseField(month, 1, 12, monthNames, 1);
  const years = year === undefined || year === "*" ? undefined : parseField(year, 1970, 2199);
  // Quartz cannot combine the two day fields: exactly one of them is "?".
  if (
    seconds === undefined ||
    minutes === undefined ||
    hours === undefined ||
    months === undefined ||
    (dayOfMonthField === "?") === (dayOfWeekField === "?")
  )
    return undefined;
  if (year !== undefined && year !== "*" && years === undefined) return undefined;
  const matchesDay =
    dayOfWeekField === "?" ? dayOfMonthMatcher(dayOfMonthField) : dayOfWeekMatcher(dayOfWeekField);
  return matchesDay === undefined
    ? undefined
    : { seconds, minutes, hours, months, years, matchesDay };
}

/**
 * Parses `*`, `5`, `1-5`, `0/15`, `10-30/5`, `MON-FRI` or a comma-separated list of these. As in
 * Quartz, `/15` means every 15th value, and a step after a name (`MON/2`, `MON-FRI/2`) is ignored.
 * @param first the value of the first name
 */
function parseField(
  field: string,
  low: number,
  high: number,
  names: readonly string[] = [],
  first = 0,
): number[] | undefined {
  const values = new Set<number>();
  const numberOf = (word: string): number | undefined => {
    const name = names.indexOf(word);
    if (name >= 0) return name + first;
    const value = /^\d+$/.test(word) ? Number(word) : Number.NaN;
    return value >= low && value <= high ? value : undefined;
  };
  for (const part of field.split(",")) {
    if (part === "") return undefined;
    const [range = "", writtenStep, extraPart] = part.split("/");
    if (extraPart !== undefined || (writtenStep !== undefined && !/^[1-9]\d*$/.test(writtenStep)))
      return undefined;
    const [from = "", to, extraBound] = (range === "" ? "*" : range).split("-");
    if (extraBound !== undefined) return undefined;
    const step = names.includes(from) ? undefined : writtenStep;
    const start = from === "*" ? low : numberOf(from);
    const end = to !== undefined ? numberOf(to) : from === "*" || step !== undefined ? high : start;
    if (start === undefined || end === undefined || (from === "*" && to !== undefined))
      return undefined;
    const span = high - low + 1;
    // A range may wrap around: FRI-MON, 22-2.
    for (
      let position = start;
      position <= (end >= start ? end : end + span);
      position += Number(step ?? 1)
    )
      values.add(((position - low) % span) + low);
  }
  return [...values].sort((left, right) => left - right);
}

const lastDay = (year: number, month: number): number =>
  new Date(Date.UTC(year, month, 0)).getUTCDate();
/** Returns 1 (Sunday) to 7, as in Quartz. */
const weekday = (year: number, month: number, day: number): number =>
  new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;

/**
 * Returns the weekday (Monday to Friday) that is nearest to a day and in the same month; undefined
 * if the month does not have the day.
 */
function nearestWeekday(year: number, month: number, day: number): number | undefined {
  const end = lastDay(year, month);
  if (day > end) return undefined;
  const weekdayNumber = weekday(year, month, day);
  if (weekdayNumber === 7) return day === 1 ? 3 : day - 1;
  if (weekdayNumber === 1) return day === end ? day - 2 : day + 1;
  return day;
}

function dayOfMonthMatcher(field: string): Cron["matchesDay"] | undefined {
  const special = /^(?:L(?:-(\d{1,2}))?(W)?|(\d{1,2})W)$/.exec(field);
  if (special !== null) {
    const [, daysBefore = "0", onWeekday, fixed] = special;
    if (Number(daysBefore) > 30 || Number(fixed ?? 1) < 1 || Number(fixed ?? 1) > 31)
      return undefined;
    return (year, month, day) => {
      const target =
        fixed === undefined ? lastDay(year, month) - Number(daysBefore) : Number(fixed);
      return (
        day ===
        (fixed !== undefined || onWeekday !== undefined
          ? nearestWeekday(year, month, target)
          : target)
      );
    };
  }
  const days = parseField(field, 1, 31);
  return days === undefined ? undefined : (_year, _month, day) => days.includes(day);
}

function dayOfWeekMatcher(field: string): Cron["matchesDay"] | undefined {
  const weekdayNumber = (word: string): number =>
    dayNames.includes(word) ? dayNames.indexOf(word) + 1 : Number(word);
  const special = /^([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(?:(L)|#([1-5]))$/.exec(field);
  if (special !== null) {
    const [, name = "", , nth] = special;
    return (year, month, day) =>
      weekday(year, month, day) === weekdayNumber(name) &&
      (nth === undefined ? day > lastDay(year, month) - 7 : Math.ceil(day / 7) === Number(nth));
  }
  // As in Quartz, L alone is Saturday.
  const days = field === "L" ? [7] : parseField(field, 1, 7, dayNames, 1);
  return days === undefined
    ? undefined
    : (year, month, day) => days.includes(weekday(year, month, day));
}

const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * Returns the zone's offset from UTC at that time, in milliseconds.
 * @throws RangeError for an unknown zone
 */
function zoneOffset(zone: string, time: number): number {
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
  const fields: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(time)) fields[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fields;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(time / 1000) * 1000;
}

export function isKnownZone(zone: string): boolean {
  try {
    zoneOffset(zone, 0);
    return true;
  } catch {
    return false;
  }
}

const DAY = 86_400_000;

/**
 * Returns the next time after `time` at which the expression fires in the zone; undefined if it does
 * not fire within 29 years. As in Quartz, a local time that daylight saving skips does not fire, and
 * one that occurs twice fires only the second time.
 */
export function nextFire(cron: Cron, zone: string, time: number): number | undefined {
  const localTime = new Date(time + zoneOffset(zone, time) + 1000);
  localTime.setUTCMilliseconds(0);
  const today = Date.UTC(
    localTime.getUTCFullYear(),
    localTime.getUTCMonth(),
    localTime.getUTCDate(),
  );
  // Leap days and "fifth Friday of February" recur after up to 28 years.
  for (let dayOffset = 0; dayOffset < 366 * 29; dayOffset++) {
    const date = new Date(today + dayOffset * DAY);
    const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
    if (
      cron.years?.includes(year) === false ||
      !cron.months.includes(month) ||
      !cron.matchesDay(year, month, day)
    )
      continue;
    for (const local of firingTimes(
      cron,
      date.getTime(),
      dayOffset === 0 ? localTime.getTime() : 0,
    )) {
      const utcTime = toUtc(zone, local);
      if (utcTime !== undefined) return utcTime;
    }
  }
  return undefined;
}

/** Returns the firing times of one day as local times, starting at `earliest`. */
function* firingTimes(cron: Cron, midnight: number, earliest: number): Generator<number> {
  for (const hour of cron.hours) {
    if (midnight + (hour + 1) * 3_600_000 <= earliest) continue;
    for (const minute of cron.minutes)
      for (const second of cron.seconds) {
        const local = midnight + ((hour * 60 + minute) * 60 + second) * 1000;
        if (local >= earliest) yield local;
      }
  }
}

/** Returns the last time at which the zone's local time is `local`; undefined if it is skipped. */
function toUtc(zone: string, local: number): number | undefined {
  const candidates = [
    local - zoneOffset(zone, local - DAY),
    local - zoneOffset(zone, local + DAY),
  ].sort((left, right) => right - left);
  return candidates.find((time) => time + zoneOffset(zone, time) === local);
}
