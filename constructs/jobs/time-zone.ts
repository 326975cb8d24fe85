/**
 * What is wrong with a time zone of a schedule, or undefined. The platform takes it as Java does: by name, in the very spelling; Java takes a name that it does not know
 * for GMT, in silence.
 */
export function timezoneProblem(timezone: string): string | undefined {
  let canonical: string;
  try {
    canonical = new Intl.DateTimeFormat("en", { timeZone: timezone }).resolvedOptions().timeZone;
  } catch {
    return "unknown time zone";
  }
  // Node takes offsets such as +01:00, Java wants names; and Node takes any case. Of an older name (US/Pacific) it does not tell the spelling: each part begins with a capital.
  if (!/^[A-Z][\w+-]*(\/[A-Z][\w+-]*)*$/.test(timezone)) return "a time zone is named, with capitals";
  const misspelt = canonical.toLowerCase() === timezone.toLowerCase() && canonical !== timezone;
  return misspelt ? `the time zone is spelt ${canonical}` : undefined;
}

export const timezoneAllowed = "an IANA name: Europe/Berlin, America/New_York, UTC";
