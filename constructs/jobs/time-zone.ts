/**
 * The problem with a schedule's time zone, or undefined. The platform reads it like Java does: by
 * name, case-sensitive; Java silently treats an unknown name as GMT.
 */
export function timezoneProblem(timezone: string): string | undefined {
  let canonical: string;
  try {
    canonical = new Intl.DateTimeFormat("en", { timeZone: timezone }).resolvedOptions().timeZone;
  } catch {
    return "unknown name";
  }
  // Node accepts offsets such as +01:00, Java requires names; and Node ignores case. For an older
  // name (US/Pacific) it does not return the exact spelling: each part starts with a capital.
  if (!/^[A-Z][\w+-]*(\/[A-Z][\w+-]*)*$/.test(timezone))
    return "not a name with the right capitals";
  const misspelt = canonical.toLowerCase() === timezone.toLowerCase() && canonical !== timezone;
  return misspelt ? `it is spelt ${canonical}` : undefined;
}

export const timezoneAllowed = "an IANA name: Europe/Berlin, America/New_York, UTC";
