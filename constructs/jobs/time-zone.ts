/**
 * Returns the problem with a schedule's time zone, or undefined. The platform uses Java's time
 * zones, whose names are case-sensitive; Java treats an unknown name as GMT.
 */
export function timezoneProblem(timezone: string): string | undefined {
  let canonical: string;
  try {
    canonical = new Intl.DateTimeFormat("en", { timeZone: timezone }).resolvedOptions().timeZone;
  } catch {
    return "unknown name";
  }
  // Node.js also accepts offsets such as +01:00, which Java does not, and ignores case. For legacy
  // names such as US/Pacific it does not return the canonical spelling, so the capitals are checked
  // here.
  if (!/^[A-Z][\w+-]*(\/[A-Z][\w+-]*)*$/.test(timezone))
    return "not a name with the right capitals";
  const misspelt = canonical.toLowerCase() === timezone.toLowerCase() && canonical !== timezone;
  return misspelt ? `it is spelt ${canonical}` : undefined;
}

export const timezoneAllowed = "an IANA name: Europe/Berlin, America/New_York, UTC";
