/**
 * Room `secrets`: finds and hides secrets in what a stack would publish.
 * It may import from `plan`, and from the rooms before it.
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
  /** Path relative to the project, for messages. */
  readonly file: string;
  /** Absent for binary content. */
  readonly text?: string;
  /** The currently deployed text, if it could be read: shown as a diff. */
  readonly previous?: string;
  /** Hash of the currently deployed bytes, if they could be read. */
  readonly previousSha256?: string;
}

/** Declares that a finding is not a secret: needs a reason. */
export interface SecretAllowance {
  /**
   * Glob over `<construct path>#<field>` or a file: `daily-etl-dev/pipeline#**`, `notebooks/**`.
   */
  readonly where: string;
  /** The only shape to allow: `entropy`, `databricks-token`, …; all shapes if absent. */
  readonly shape?: string;
  readonly reason: string;
  /** ISO date, inclusive. Absent: no expiry. */
  readonly expires?: string;
}

/** A finding with its value, so that the value can be hidden elsewhere. */
export interface Found {
  readonly finding: Finding;
  readonly value: string;
}

export const secretRule = "secret-scan";
const docs = "docs/policies/secret-scan.md";
/**
 * Scans everything in the synthesized stack: resources with their provisioners, variable defaults,
 * locals, outputs, providers, the backend, and other blocks.
 * @param read addresses whose content is scanned as an artifact
 */
export function scanSynth(
  json: unknown,
  stack: StackFacts,
  read: ReadonlySet<string> = new Set(),
): Found[] {
  if (!isObject(json)) return [];
  const out: Found[] = [];
  for (const resource of stack.resources.values()) {
    const config = read.has(resource.address)
      ? { ...resource.config, content_base64: undefined }
      : resource.config;
    strings({ ...config, ...resource.steering }, [], (path, hits) =>
      out.push(...hits.map((hit) => finding(hit, resource, pathText(path)))),
    );
  }
  for (const section of Object.keys(json).filter((key) => key !== "resource" && key !== "//")) {
    strings(json[section], [section], (path, hits) =>
      out.push(
        ...hits.map((hit) =>
          finding(
            hit,
            { address: pathText(path), path: stack.metadata?.stack ?? "stack" },
            pathText(path),
          ),
        ),
      ),
    );
  }
  return out;
}

export interface PlannedValues {
  readonly address: string;
  readonly after: unknown;
  readonly sensitive: unknown;
}

/**
 * A planned resource: values that only the plan has (from variables), and sensitive values in
 * unmarked fields.
 */
export function scanPlanned(
  planned: PlannedValues,
  stack: StackFacts,
  secrets: readonly { readonly variable: string; readonly value: string }[],
): Found[] {
  const out: Found[] = [];
  const resource = resourceAt(stack, planned.address) ?? {
    address: planned.address,
    path: planned.address,
  };
  const known = secrets.filter(({ value }) => value.length >= 8);
  const look = (path: readonly string[], found: readonly Hit[], value: string): void => {
    const leaked = known.find((secret) => value.includes(secret.value));
    const hits: readonly Hit[] =
      leaked === undefined
        ? found
        : [
            {
              shape: "variable",
              title: `the value of the sensitive variable "${leaked.variable}" in clear text`,
              line: 1,
              value: leaked.value,
            },
          ];
    out.push(...hits.map((hit) => finding(hit, resource, pathText(path))));
  };
  strings(planned.after, [], look, planned.sensitive);
  return out;
}

/**
 * Finds secrets that only the old value contains. They are not findings, because the code no longer
 * has them, but a review must hide them.
 * @param value the old value;
 * @param name of the field, for a single one
 */
export function scanFormer(
  value: unknown,
  name = "",
  marks?: unknown,
): { readonly value: string }[] {
  const out: { value: string }[] = [];
  strings(value, name === "" ? [] : [name], (_, hits) => out.push(...hits), marks);
  return out;
}

export function scanArtifacts(
  artifacts: ReadonlyMap<string, Artifact>,
  stack: StackFacts,
): Found[] {
  return [...artifacts].flatMap(([address, artifact]) => {
    const resource = stack.resources.get(address) ?? { address, path: address };
    if (artifact.text === undefined) return [];
    return findInText(artifact.text).map((hit) =>
      finding(hit, resource, `${artifact.file}:${hit.line}`),
    );
  });
}

/**
 * Returns one finding per location in a stable order, with allowed ones marked, and all values to
 * hide except allowed ones.
 */
export function settleSecrets(
  found: readonly Found[],
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
  for (const { finding, value } of found) {
    const key = `${finding.address} ${finding.where ?? ""} ${finding.message}`;
    const entry = unique.get(key) ?? { finding, values: new Set<string>() };
    entry.values.add(value);
    unique.set(key, entry);
  }
  const hide: string[] = [];
  const passed = new Set<string>();
  const over = new Set<SecretAllowance>();
  const findings = [...unique.values()].map(({ finding, values }): Finding => {
    const places = [
      `${finding.path}#${finding.where ?? ""}`,
      finding.where?.replace(/:\d+$/, "") ?? "",
    ];
    const matching = allowances.filter(
      ({ where, shape }) =>
        (shape === undefined || finding.message.endsWith(`[${shape}]`)) &&
        places.some((place) => minimatch(place, where, { dot: true })),
    );
    const allowed = matching.find(({ expires }) => expires === undefined || today <= expires);
    if (allowed !== undefined) {
      for (const value of values) passed.add(value);
      return {
        ...finding,
        suppressed: { reason: allowed.reason, expires: allowed.expires ?? "never" },
      };
    }
    for (const allowance of matching) over.add(allowance);
    hide.push(...values);
    return finding;
  });
  const expired = [...over].map(({ where, reason, expires }): StaleSuppression => ({
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
    allowed: passed,
    expired,
  };
}

function finding(
  hit: Hit,
  resource: { readonly address: string; readonly path: string; readonly source?: string },
  where: string,
): Found {
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
    docs,
  };
  return { finding: secretFinding, value: hit.value };
}

/**
 * @param path mutated during the walk: a caller that keeps it must copy it.
 * @param marks Terraform's tree of sensitive values: expected in
 * a plan, and skipped
 */
function strings(
  value: unknown,
  path: string[],
  found: (path: readonly string[], hits: readonly Hit[], value: string) => void,
  marks?: unknown,
  option = "",
): void {
  if (marks === true) return;
  if (typeof value === "string") {
    const name = option === "" ? lastOf(path) : option;
    const text = name === "content_base64" ? decoded(value) : value;
    found(
      path,
      text === value
        ? findInValue(name, value)
        : findInText(text).map((hit) => ({ ...hit, line: 1 })),
      text,
    );
  } else if (isList(value)) {
    value.forEach((inner, index) => {
      path.push(labelOf(inner, index));
      strings(
        inner,
        path,
        found,
        isList(marks) ? marks[index] : undefined,
        optionIn(value[index - 1]),
      );
      path.pop();
    });
  } else if (isObject(value)) {
    for (const key in value) {
      if (key === "//") continue;
      const inner = value[key];
      const own = findInKey(key);
      if (own.length === 0 && !isScanned(inner)) continue;
      path.push(key);
      if (own.length > 0) found(path, own, key);
      strings(inner, path, found, isObject(marks) ? marks[key] : undefined);
      path.pop();
    }
  }
}

/** Whether a value can contain strings: most values in a plan are null, numbers or empty lists. */
const isScanned = (value: unknown): boolean =>
  typeof value === "string" ||
  (typeof value === "object" && value !== null && !(isList(value) && value.length === 0));

/** The option name in a task's parameter before its value: `--password`. */
const optionIn = (before: unknown): string =>
  typeof before === "string" ? (/^--?([A-Za-z][\w.-]*)$/.exec(before)?.[1] ?? "") : "";

/** Binary content cannot be scanned. */
function decoded(base64: string): string {
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
const pathText = (path: readonly string[]): string => path.join(".").replaceAll(".[", "[");
const lastOf = (path: readonly string[]): string =>
  path.findLast((part) => !part.startsWith("[")) ?? "";
