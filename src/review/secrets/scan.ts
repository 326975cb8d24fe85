/**
 * This folder finds and hides secrets in what a stack would publish. `scripts/import-order.cjs`
 * lists what it may import.
 */
import { minimatch } from "minimatch";
import { defined } from "../../defined";
import type { Finding, StaleSuppression } from "../model";
import { isList, isObject, type JsonObject } from "../plan/json";
import { resourceAt, type StackFacts } from "../plan/stack";
import { findInKey, findInText, findInValue, type Hit } from "../../secret-search";

/** Content that a stack uploads. */
export interface Artifact {
  readonly sha256: string;
  readonly size: number;
  /** Name of the source file or, for content in the code, the path in the workspace. */
  readonly file: string;
  /** The content as text; absent for binary content. */
  readonly text?: string;
  /** The currently deployed text, if it could be read: shown as a diff. */
  readonly previous?: string;
  /** Hash of the currently deployed bytes, if they could be read. */
  readonly previousSha256?: string;
}

/** Declares that a finding is not a secret, with a reason. */
export interface SecretAllowance {
  /**
   * A glob that matches `<construct path>#<field>` or {@link Artifact.file}:
   * `daily-etl-dev/pipeline#**`, `ingest_*.py`.
   */
  readonly where: string;
  /** The only kind of secret to allow: `entropy`, `databricks-token`, …; all kinds if absent. */
  readonly shape?: string;
  readonly reason: string;
  /** Last day of the allowance, as an ISO date. @default no expiry */
  readonly expires?: string;
}

/** A finding with its value, which must be hidden everywhere. */
export interface FoundSecret {
  readonly finding: Finding;
  readonly value: string;
}

export const secretRule = "secret-scan";
const docsPage = "docs/policies/secret-scan.md";

/**
 * Scans everything in the synthesized stack: resources with their provisioners, variable defaults,
 * locals, outputs, providers, the backend, and other blocks.
 * @param artifactAddresses addresses whose content is scanned as an artifact
 */
export function scanSynth(
  json: unknown,
  stack: StackFacts,
  artifactAddresses: ReadonlySet<string> = new Set(),
): FoundSecret[] {
  if (!isObject(json)) return [];
  const foundSecrets: FoundSecret[] = [];
  for (const resource of stack.resources.values()) {
    const config = artifactAddresses.has(resource.address)
      ? { ...resource.config, content_base64: undefined }
      : resource.config;
    visitStrings({ ...config, ...resource.controlArguments }, [], (path, hits) =>
      foundSecrets.push(...hits.map((hit) => toFinding(hit, resource, pathText(path)))),
    );
  }
  for (const section of Object.keys(json).filter((key) => key !== "resource" && key !== "//")) {
    const report = (path: Path, hits: readonly Hit[]): void => {
      if (hits.length === 0) return;
      const where = pathText(path);
      const owner = { address: where, path: stack.metadata?.stack ?? "stack" };
      foundSecrets.push(...hits.map((hit) => toFinding(hit, owner, where)));
    };
    visitStrings(json[section], [section], report, undefined, section);
  }
  return foundSecrets;
}

export interface PlannedValues {
  readonly address: string;
  readonly after: unknown;
  readonly sensitive: unknown;
}

/**
 * Scans a planned resource for secrets that only the plan contains, in fields that are not marked
 * as sensitive. Values of sensitive variables are found if they have at least 8 characters.
 */
export function scanPlanned(
  planned: PlannedValues,
  stack: StackFacts,
  secrets: readonly { readonly variable: string; readonly value: string }[],
): FoundSecret[] {
  const foundSecrets: FoundSecret[] = [];
  const resource = resourceAt(stack, planned.address) ?? {
    address: planned.address,
    path: planned.address,
  };
  const longSecrets = secrets.filter(({ value }) => value.length >= 8);
  const checkValue = (path: Path, pathHits: readonly Hit[], value: string): void => {
    const leakedSecret = longSecrets.find((secret) => value.includes(secret.value));
    const hits: readonly Hit[] =
      leakedSecret === undefined
        ? pathHits
        : [
            {
              shape: "variable",
              title: `the value of the sensitive variable "${leakedSecret.variable}" in clear text`,
              line: 1,
              value: leakedSecret.value,
            },
          ];
    foundSecrets.push(...hits.map((hit) => toFinding(hit, resource, pathText(path))));
  };
  visitStrings(planned.after, [], checkValue, planned.sensitive);
  return foundSecrets;
}

/**
 * Returns the secrets in an old value. They are not findings, because the code may no longer have
 * them, but a review must hide them.
 * @param value the old value of an object, or of one field
 * @param name the name of that field; "" for an object
 * @param marks Terraform's tree of sensitive values, which are skipped
 */
export function scanOldValue(
  value: unknown,
  name = "",
  marks?: unknown,
): { readonly value: string }[] {
  const formerValues: { value: string }[] = [];
  visitStrings(value, [], (_, hits) => formerValues.push(...hits), marks, name);
  return formerValues;
}

/** Scans the text of the artifacts. Binary and large ones have no text. */
export function scanArtifacts(
  artifacts: ReadonlyMap<string, Artifact>,
  stack: StackFacts,
): FoundSecret[] {
  return [...artifacts].flatMap(([address, artifact]) => {
    const resource = stack.resources.get(address) ?? { address, path: address };
    if (artifact.text === undefined) return [];
    return findInText(artifact.text).map((hit) =>
      toFinding(hit, resource, `${artifact.file}:${hit.line}`),
    );
  });
}

/**
 * Returns one finding for each location and kind of secret, in a stable order, with allowed ones
 * marked.
 * @returns `hide`: the values to hide; `allowed`: the values that an allowance covers; `expired`:
 * the expired allowances that would cover a finding
 */
export function applyAllowances(
  foundSecrets: readonly FoundSecret[],
  allowances: readonly SecretAllowance[],
  today: string,
): {
  readonly findings: Finding[];
  readonly hide: string[];
  readonly allowed: ReadonlySet<string>;
  readonly expired: StaleSuppression[];
} {
  // A second secret at the same location is hidden, but is not a separate finding.
  const unique = new Map<string, { readonly finding: Finding; readonly values: Set<string> }>();
  for (const { finding, value } of foundSecrets) {
    const key = `${finding.address} ${finding.where ?? ""} ${finding.message}`;
    const entry = unique.get(key) ?? { finding, values: new Set<string>() };
    entry.values.add(value);
    unique.set(key, entry);
  }
  const hide: string[] = [];
  const allowedValues = new Set<string>();
  const expiredAllowances = new Set<SecretAllowance>();
  const findings = [...unique.values()].map(({ finding, values }): Finding => {
    const locations = [
      `${finding.path}#${finding.where ?? ""}`,
      finding.where?.replace(/:\d+$/, "") ?? "",
    ];
    const matching = allowances.filter(
      ({ where, shape }) =>
        (shape === undefined || finding.message.endsWith(`[${shape}]`)) &&
        locations.some((location) => minimatch(location, where, { dot: true })),
    );
    const allowed = matching.find(({ expires }) => expires === undefined || today <= expires);
    if (allowed !== undefined) {
      for (const value of values) allowedValues.add(value);
      return {
        ...finding,
        suppressed: { reason: allowed.reason, expires: allowed.expires ?? "never" },
      };
    }
    for (const allowance of matching) expiredAllowances.add(allowance);
    hide.push(...values);
    return finding;
  });
  const expired = [...expiredAllowances].map(({ where, reason, expires }): StaleSuppression => ({
    path: where,
    rule: secretRule,
    reason,
    expires: expires ?? "never",
    state: "expired",
  }));
  const key = ({ path, where, message }: Finding): string => `${path} ${where ?? ""} ${message}`;
  return {
    findings: findings.sort((a, b) => (key(a) < key(b) ? -1 : 1)),
    hide,
    allowed: allowedValues,
    expired,
  };
}

function toFinding(
  hit: Hit,
  resource: { readonly address: string; readonly path: string; readonly source?: string },
  where: string,
): FoundSecret {
  const secretFinding: Finding = {
    rule: secretRule,
    severity: "error",
    address: resource.address,
    path: resource.path,
    ...defined({ source: resource.source }),
    where,
    // Never includes the value, its length or a hash: the message appears in pull requests.
    message: `${hit.title} [${hit.shape}]`,
    fix: "remove it, revoke it at its issuer, and refer to a secret scope instead; if it is not a secret, allow it with a reason",
    docs: docsPage,
  };
  return { finding: secretFinding, value: hit.value };
}

/** A key of an object, or an element of a list, which gets its label when the path is shown. */
type Part = string | { readonly element: unknown; readonly index: number };
type Path = readonly Part[];

/**
 * Calls `onString` for each string in a value, with the secrets found in it.
 * @param path is changed during the traversal, so a caller that keeps it must copy it
 * @param marks Terraform's tree of sensitive values, which a plan may contain and which are skipped
 * @param name the name of the field that contains the value
 */
function visitStrings(
  value: unknown,
  path: Part[],
  onString: (path: Path, hits: readonly Hit[], value: string) => void,
  marks?: unknown,
  name = "",
): void {
  if (marks === true) return;
  if (typeof value === "string") {
    const text = name === "content_base64" ? decodeText(value) : value;
    onString(
      path,
      text === value
        ? findInValue(name, value)
        : findInText(text).map((hit) => ({ ...hit, line: 1 })),
      text,
    );
  } else if (isList(value)) {
    for (let index = 0; index < value.length; index += 1) {
      const element = value[index];
      path.push({ element, index });
      const option = index === 0 ? "" : optionIn(value[index - 1]);
      // An option is the name of the string that follows it.
      const inner = option !== "" && typeof element === "string" ? option : name;
      visitStrings(element, path, onString, isList(marks) ? marks[index] : undefined, inner);
      path.pop();
    }
  } else if (isObject(value)) {
    for (const key in value) {
      if (key === "//") continue;
      const inner = value[key];
      const keyHits = findInKey(key);
      if (keyHits.length === 0 && !mayContainStrings(inner)) continue;
      path.push(key);
      if (keyHits.length > 0) onString(path, keyHits, key);
      const innerName = key.startsWith("[") ? name : key;
      visitStrings(inner, path, onString, isObject(marks) ? marks[key] : undefined, innerName);
      path.pop();
    }
  }
}

/** True if a value can contain strings. Most values in a plan cannot. */
const mayContainStrings = (value: unknown): boolean =>
  typeof value === "string" ||
  (typeof value === "object" && value !== null && !(isList(value) && value.length === 0));

/** The option name in a task's parameter before its value: `--password`. */
const optionIn = (before: unknown): string =>
  typeof before === "string" ? (/^--?([A-Za-z][\w.-]*)$/.exec(before)?.[1] ?? "") : "";

/** Decodes base64. Returns "" for binary content, which cannot be scanned. */
function decodeText(base64: string): string {
  if (base64.includes("${")) return base64;
  const text = Buffer.from(base64, "base64").toString("utf8");
  return text.includes("\uFFFD") || text.includes("\0") ? "" : text;
}

const labelOf = (value: unknown, index: number): string => {
  for (const name in isObject(value) ? value : {}) {
    const inner = (value as JsonObject)[name];
    if (typeof inner === "string" && name.endsWith("_key")) return `[${inner}]`;
  }
  return `[${index}]`;
};
const pathText = (path: Path): string =>
  path
    .map((part) => (typeof part === "string" ? part : labelOf(part.element, part.index)))
    .join(".")
    .replaceAll(".[", "[");
