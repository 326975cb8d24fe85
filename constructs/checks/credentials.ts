import { eachString, type Check, type Finding } from "./rendered";

/** Patterns of credentials, each with a marker that ordinary text does not contain. */
const credentialPatterns: readonly (readonly [string, RegExp])[] = [
  ["a Databricks token", /\bdapi[0-9a-f]{32}(-\d+)?\b/],
  ["a Databricks OAuth secret", /\bdose[0-9a-f]{32}\b/],
  // The example key of the vendor's documentation is allowed.
  ["an AWS access key", /\b(AKIA|ASIA)(?![0-9A-Z]*EXAMPLE\b)[0-9A-Z]{16}\b/],
  ["a GitHub token", /\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})\b/],
  ["a GitLab token", /\bglpat-[A-Za-z0-9_-]{20,}\b/],
  ["a Slack token", /\bxox[abprs]-[A-Za-z0-9-]{10,}/],
  ["a Google API key", /\bAIza[0-9A-Za-z_-]{35}\b/],
  ["a private key", /-----BEGIN ([A-Z]+ )*PRIVATE KEY-----/],
  ["an Azure storage key", /AccountKey=[A-Za-z0-9+/]{60,}={0,2}/],
  ["an Azure shared access signature", /[?&]sig=[A-Za-z0-9%+/]{40,}/],
];
/** Also patterns that may match ordinary text in an artifact's file, such as a documented URL. */
const patternsInStack: readonly (readonly [string, RegExp])[] = [
  ...credentialPatterns,
  ["a JSON web token", /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/],
  ["a password in a URL", /\b[a-z][a-z0-9+.-]*:\/\/[^/\s:@{}$]+:[^/\s:@{}$]{3,}@/i],
  ["a bearer token", /\bBearer [A-Za-z0-9._~+/-]{20,}/],
];

/** Matches a part of each pattern. Text without a match need not be compared with the patterns. */
const markers =
  /dapi|dose|AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|xox|AIza|PRIVATE KEY|AccountKey=|sig=|eyJ|:\/\/[^/\s"]*@|Bearer /;
/** Matches the JSON of a resource if the name of one of its fields suggests a secret. */
const mayNameSecret =
  /(passw|secret|token|credential|(api|access|account|private)[_.]?key)[^"]*":/i;

/** Names of fields that contain secrets, regardless of the form of the value. */
const secretNames =
  /(^|[._-])(password|passwd|secret|secret_key|access_key|account_key|api_?key|auth_?token|access_?token|private_?key|client_?secret|credentials?)$/i;
/** Maps with user-defined keys, in which more names suggest a secret than among the fields. */
const openMaps: ReadonlySet<string> = new Set([
  "spark_conf",
  "spark_env_vars",
  "base_parameters",
  "named_parameters",
  "job_parameters",
]);
const hintsAtSecret = /password|secret|token|account\.key/i;
/** A grant contains the name of its securable in a field such as `storage_credential`. */
const isGrant = (type: string): boolean =>
  type === "databricks_grant" || type === "databricks_grants";
/** Values that cannot be secrets: expressions, placeholders, booleans and blanks. */
const notSecret = /^(\$\{[^}]*\}|\{\{[^}]*\}\}|<[^>]*>|true|false|\s*)$/i;

/**
 * Finds literals that look like credentials. They would be in the synth output, in Git and in each
 * plan.
 */
export const checkCredentials: Check = ({ type, body, json }) => {
  const findings: Finding[] = [];
  if (!markers.test(json) && !mayNameSecret.test(json) && !json.includes('"content_base64"'))
    return findings;
  eachString(body, [], (path, text) => {
    // The output also contains the content of a text artifact, in encoded form.
    const value =
      path.at(-1) === "content_base64" && !text.includes("${")
        ? Buffer.from(text, "base64").toString("utf8")
        : text;
    const [key = "", parentKey = ""] = [path.at(-1), path.at(-2)];
    // A name in an environment's values may refer to the location of a secret, so only values that
    // have the form of a credential count.
    const nameSuggestsSecret =
      path[0] !== "environment" &&
      !isGrant(type) &&
      (secretNames.test(key) || (openMaps.has(parentKey) && hintsAtSecret.test(key)));
    const kind =
      patternsInStack.find(([, pattern]) => pattern.test(value))?.[0] ??
      (nameSuggestsSecret && !notSecret.test(value) ? "a secret, by its name" : undefined);
    if (kind === undefined) return;
    findings.push({
      code: "CREDENTIAL_LITERAL",
      message: `${path.join(".")} contains what looks like ${kind}`,
      // Never show the value.
      value: `${value.length} characters`,
      fix: 'revoke it, and use SecretValue.fromEnvironment("NAME") or secret.reference',
    });
  });
  return findings;
};

/**
 * Returns the kind of a credential in an artifact's file. Searches only for markers that ordinary
 * text does not contain.
 */
export function credentialIn(text: string): string | undefined {
  return markers.test(text)
    ? credentialPatterns.find(([, pattern]) => pattern.test(text))?.[0]
    : undefined;
}
