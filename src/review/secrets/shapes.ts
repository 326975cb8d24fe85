/** Token shapes that are published by their issuers, so that scanners can find them. The first group, where there is one, is the secret part. */
export interface Shape {
  readonly id: string;
  readonly title: string;
  readonly pattern: RegExp;
}

export const shapes: readonly Shape[] = [
  { id: "databricks-token", title: "a Databricks personal access token", pattern: /\bdapi[0-9a-f]{32}(?:-\d+)?\b/ },
  { id: "databricks-oauth-secret", title: "a Databricks OAuth secret", pattern: /\bdose[0-9a-f]{32,}\b/ },
  { id: "private-key", title: "a private key", pattern: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----/ },
  { id: "aws-access-key", title: "an AWS access key id", pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/ },
  {
    id: "azure-storage-key",
    title: "an Azure storage or service bus key",
    pattern: /\b(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{40,}={0,2}/,
  },
  { id: "azure-sas", title: "an Azure shared access signature", pattern: /[?&]sig=[A-Za-z0-9%+/]{40,}/ },
  { id: "azure-client-secret", title: "an Azure application secret", pattern: /\b[A-Za-z0-9_~.-]{3}[78]Q~[A-Za-z0-9_~.-]{31,34}/ },
  { id: "google-api-key", title: "a Google API key", pattern: /\bAIza[0-9A-Za-z_-]{35}\b/ },
  { id: "github-token", title: "a GitHub token", pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})\b/ },
  { id: "gitlab-token", title: "a GitLab token", pattern: /\bglpat-[A-Za-z0-9_-]{20,}/ },
  {
    id: "slack-token",
    title: "a Slack token or webhook",
    pattern: /\bxox[abposr]-[A-Za-z0-9-]{10,}|hooks\.slack\.com\/services\/T[A-Z0-9]+\/B[A-Z0-9]+\/[A-Za-z0-9]{20,}/,
  },
  { id: "npm-token", title: "an npm token", pattern: /\bnpm_[A-Za-z0-9]{36}\b/ },
  { id: "pypi-token", title: "a PyPI token", pattern: /\bpypi-[A-Za-z0-9_-]{50,}/ },
  { id: "stripe-key", title: "a Stripe key", pattern: /\b[rs]k_live_[A-Za-z0-9]{20,}/ },
  { id: "openai-key", title: "an OpenAI or Anthropic key", pattern: /\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{40,}/ },
  { id: "jwt", title: "a signed token (JWT)", pattern: /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/ },
  {
    id: "url-password",
    title: "a password inside a URL",
    pattern: /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"'${}]{1,64}:[^\s:/@"'${}<*]{4,}@[^\s@"']+/i,
  },
];

/** Values that only point at a secret, or stand for one in an example. */
export const reference =
  /\$\{|\{\{\s*secrets\/|dbutils\.secrets|getArgument|os\.environ|process\.env|^<.*>$|^\*+$|^(?:x{4,}|changeme|example|placeholder|redacted|dummy|none|null|true|false)$/i;

/** Names of fields and variables that hold secrets. */
export const telling =
  /(?:pass(?:word|wd|phrase)?|pwd|secret|(?:api|access|auth|account|private|storage|client)[_-]?(?:key|token|secret)|token|credentials?|connection[_-]?string)$/i;

/** Shannon entropy in bits a character. */
export function entropy(value: string): number {
  const counts = new Map<string, number>();
  for (const char of value) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
}

/** A word that looks random: mixed, long, of high entropy, and no id, hash, path or version. */
export function looksRandom(word: string): boolean {
  if (word.length < 24 || word.length > 512) return false;
  if (/^[0-9a-f-]+$/i.test(word)) return false;
  // A path: base64 has slashes too, but no whole lower-case words between them.
  if (/^[./~]|\.[a-z]{2,5}$|(^|\/)[a-z][a-z-]{3,}(\/|$)/.test(word)) return false;
  if (!/[a-z]/.test(word) || !/[A-Z]/.test(word) || !/[0-9]/.test(word)) return false;
  if ((word.match(/[/_.-]/g) ?? []).length > word.length / 10) return false;
  return entropy(word) >= 4.2;
}

/** What every shape contains: one look instead of one for each shape, for the many values that are nothing of the kind. */
export const anyShape =
  /dapi|dose|PRIVATE KEY|A[KS]IA|Key=|sig=|Q~|AIza|gh[pousr]_|github_pat|glpat|xox|hooks\.slack|npm_|pypi-|k_live_|sk-|eyJ|:\/\//i;
