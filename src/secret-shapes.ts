/** A token shape that its issuer publishes, so that scanners can find it. */
export interface Shape {
  readonly id: string;
  readonly title: string;
  /** Global, because a text may contain several tokens. */
  readonly pattern: RegExp;
}

export const shapes: readonly Shape[] = [
  {
    id: "databricks-token",
    title: "a Databricks personal access token",
    pattern: /\bd(?:api|kea|sapi)[0-9a-f]{32}(?:-\d+)?\b/g,
  },
  {
    id: "databricks-oauth-secret",
    title: "a Databricks OAuth secret",
    pattern: /\bdose[0-9a-f]{32,}\b/g,
  },
  {
    id: "private-key",
    title: "a private key",
    pattern:
      /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----|$)/g,
  },
  {
    id: "aws-access-key",
    title: "an AWS access key id",
    pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g,
  },
  {
    id: "azure-storage-key",
    title: "an Azure storage or service bus key",
    pattern: /\b(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{40,}={0,2}/g,
  },
  {
    id: "azure-sas",
    title: "an Azure shared access signature",
    pattern: /[?&]sig=[A-Za-z0-9%+/]{40,}/g,
  },
  {
    id: "azure-client-secret",
    title: "an Azure application secret",
    pattern: /\b[A-Za-z0-9_~.-]{3}[78]Q~[A-Za-z0-9_~.-]{31,34}/g,
  },
  { id: "google-api-key", title: "a Google API key", pattern: /\bAIza[0-9A-Za-z_-]{35}\b/g },
  {
    id: "google-oauth-secret",
    title: "a Google OAuth secret",
    pattern: /\bGOCSPX-[A-Za-z0-9_-]{24,}/g,
  },
  {
    id: "github-token",
    title: "a GitHub token",
    pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})\b/g,
  },
  { id: "gitlab-token", title: "a GitLab token", pattern: /\bglpat-[A-Za-z0-9_-]{20,}/g },
  {
    id: "slack-token",
    title: "a Slack token or webhook",
    pattern:
      /\bxox[abeposr]-[A-Za-z0-9-]{10,}|\bxapp-\d-[A-Za-z0-9-]{10,}|hooks\.slack\.com\/services\/T[A-Z0-9]+\/B[A-Z0-9]+\/[A-Za-z0-9]{20,}/g,
  },
  { id: "npm-token", title: "an npm token", pattern: /\bnpm_[A-Za-z0-9]{36}\b/g },
  { id: "pypi-token", title: "a PyPI token", pattern: /\bpypi-[A-Za-z0-9_-]{50,}/g },
  { id: "docker-token", title: "a Docker Hub token", pattern: /\bdckr_pat_[A-Za-z0-9_-]{20,}/g },
  { id: "huggingface-token", title: "a Hugging Face token", pattern: /\bhf_[A-Za-z]{34}\b/g },
  {
    id: "sendgrid-key",
    title: "a SendGrid key",
    pattern: /\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{32,}/g,
  },
  { id: "stripe-key", title: "a Stripe key", pattern: /\b[rs]k_live_[A-Za-z0-9]{20,}/g },
  {
    id: "openai-key",
    title: "an OpenAI or Anthropic key",
    pattern: /\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{40,}/g,
  },
  {
    id: "jwt",
    title: "a signed token (JWT)",
    pattern: /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/g,
  },
  {
    id: "url-password",
    title: "a password inside a URL",
    pattern:
      /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"'${}[\]]{1,64}:(?!(?:pass(?:word|wd)?|pwd|secret|token|x+)@)[^\s:/@"'${}<*]{4,}@[^\s@"']+/gi,
  },
  {
    id: "connection-password",
    title: "a password inside a connection string",
    pattern: /(?<=[;?&]\s{0,2}(?:password|pwd)\s{0,2}=\s{0,2})[^;&\s"'<>{}$*(]{4,}/gi,
  },
];

/** Matches values that only refer to a secret, or are a placeholder in an example. */
export const secretReference =
  /\$\{|\{\{.*\}\}|dbutils\.secrets|getArgument|os\.environ|process\.env|^<.*>$|^\*+$|^(?:x{4,}|changeme|example|placeholder|redacted|dummy|none|null|true|false)$/i;

/** Matches names of fields and variables that contain secrets. */
export const secretNames =
  /(?:pass(?:word|wd|phrase)?|pwd|secret|(?:api|access|auth|account|private|storage|client)[_-]?(?:key|token|secret)|token|credentials?|connection[_-]?string)$/i;

/** Whether the value is a name in lower-case words: `my-scope/api-key`. */
export const isName = (value: string): boolean => /^[a-z]+(?:[-_./][a-z]+)+$/.test(value);

/** Shannon entropy in bits per character. */
export function entropy(value: string): number {
  const counts = new Map<string, number>();
  for (const char of value) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values())
    bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
}

const classOf = (char: string): number =>
  /[a-z]/.test(char) ? 0 : /[A-Z]/.test(char) ? 1 : /[0-9]/.test(char) ? 2 : 3;

/** Matches the addresses of resources that cdktf names, with its hash: in `moved` blocks. */
const generatedAddress = /^(?:data\.)?[a-z]+(?:_[a-z0-9]+)+\.[A-Za-z_][\w-]*_[0-9A-F]{8}$/;

/** Matches public keys, hashes with an algorithm prefix, and base64 images. */
const harmlessValue =
  /^(?:AAAA[A-Z0-9][A-Za-z0-9]{2}[a-z]|sha(?:1|224|256|384|512)[-:=]|data:|iVBORw0KGgo|\/9j\/|R0lGOD|UklGR|PHN2Zy|JVBERi0)/;

const uuid = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi;

/**
 * Whether a word looks random: mixed, long, of high entropy, and not an id, hash, path or version.
 */
export function looksRandom(word: string): boolean {
  // An id of the platform is not a secret, with or without a prefix:
  // `servicePrincipals/<application id>`.
  const withoutUuids = word.replaceAll(uuid, "");
  if (withoutUuids !== word) return looksRandom(withoutUuids);
  if (word.length < 24 || word.length > 512) return false;
  if (/^[0-9a-f-]+$/i.test(word) || harmlessValue.test(word)) return false;
  if (generatedAddress.test(word)) return false;
  // Paths contain complete lower-case words between slashes; base64 does not.
  if (/^[./~]|\.[a-z]{2,5}$|(^|\/)[a-z][a-z-]{3,}(\/|$)/.test(word)) return false;
  // Passwords may contain other characters, but so do regular expressions and other quoted strings.
  if (!/^[A-Za-z0-9+/=_.~-]+$/.test(word)) return false;
  if (!/[a-z]/.test(word) || !/[A-Z]/.test(word) || !/[0-9]/.test(word)) return false;
  if ((word.match(/[/_.-]/g) ?? []).length > word.length / 10) return false;
  // In names (`CustomerOrdersDaily2`) most neighbouring characters are of the same class; in random
  // strings less than half are.
  let classChanges = 0;
  for (let index = 1; index < word.length; index++)
    if (classOf(word.charAt(index)) !== classOf(word.charAt(index - 1))) classChanges++;
  // The max entropy of a word depends on its length.
  return (
    classChanges / (word.length - 1) >= 0.35 && entropy(word) >= (word.length < 32 ? 3.9 : 4.2)
  );
}

/**
 * Matches a substring of every shape except the passwords in URLs and connection strings: one check
 * instead of one per shape.
 */
const anyToken =
  /dapi|dkea|dsapi|dose|PRIVATE KEY|A[KS]IA|Key=|sig=|Q~|AIza|GOCSPX|gh[pousr]_|github_pat|glpat|xox|xapp|hooks\.slack|npm_|pypi-|dckr_pat|hf_|SG\.|k_live_|sk-|eyJ/i;
const noShapes: readonly Shape[] = [];
const hasPassword = /(?:password|pwd)\s{0,2}=/i;

/** Returns the shapes that may occur in a text. */
export function shapesIn(text: string): readonly Shape[] {
  if (anyToken.test(text)) return shapes;
  const isAddress = text.includes("://") && text.includes("@");
  const isConnection = hasPassword.test(text);
  return !isAddress && !isConnection
    ? noShapes
    : shapes.filter(
        ({ id }) =>
          (id === "url-password" && isAddress) || (id === "connection-password" && isConnection),
      );
}
