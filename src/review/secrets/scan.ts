import { minimatch } from "minimatch";
import type { Finding } from "../model";
import { isList, isObject } from "../json";
import type { StackFacts } from "../stack";
import { findInText, findInValue, type Hit } from "./find";

/** Content that a stack uploads. */
export interface Artifact {
  readonly sha256: string;
  readonly size: number;
  /** Relative to the project, for people. */
  readonly file: string;
  /** Absent for what is no text. */
  readonly text?: string;
  /** The text that is deployed now, where it could be read: shown as a diff. */
  readonly previous?: string;
}

/** "This is no secret": needs a reason. */
export interface SecretAllowance {
  /** Glob over `<construct path>#<field>` or a file: `daily-etl-dev/pipeline#**`, `notebooks/**`. */
  readonly where: string;
  /** Only this shape: `entropy`, `databricks-token`, … Absent: all. */
  readonly shape?: string;
  readonly reason: string;
  /** ISO date, inclusive. Absent: for good. */
  readonly expires?: string;
}

/** A finding with the value that it is about, for hiding it elsewhere. */
export interface Found {
  readonly finding: Finding;
  readonly value: string;
}

export const secretRule = "secret-scan";
const docs = "docs/policies/secret-scan.md";
/** Not secrets, and random by nature: hashes, ids, and content that is scanned in clear as an artifact. */
const skipped = new Set([
  "//",
  "id",
  "md5",
  "etag",
  "content_base64",
  "source",
  "job_id",
  "cluster_id",
  "policy_id",
  "instance_pool_id",
  "object_id",
  "url",
]);

/** Everything in the synthesized stack: resources, variables' defaults, locals, outputs, provider blocks. */
export function scanSynth(json: unknown, stack: StackFacts): Found[] {
  if (!isObject(json)) return [];
  const out: Found[] = [];
  for (const resource of stack.resources.values()) {
    strings(resource.config, [], (path, value) =>
      out.push(...findInValue(lastOf(path), value).map((hit) => finding(hit, resource, pathText(path)))),
    );
  }
  for (const section of ["variable", "locals", "output", "provider", "data", "module"]) {
    strings(json[section], [section], (path, value) => {
      out.push(
        ...findInValue(lastOf(path), value).map((hit) =>
          finding(hit, { address: pathText(path), path: stack.metadata?.stack ?? "stack" }, pathText(path)),
        ),
      );
    });
  }
  return out;
}

export interface PlannedValues {
  readonly address: string;
  readonly after: unknown;
  readonly sensitive: unknown;
}

/** A planned resource: what only the plan knows (values of variables), and sensitive values that turn up where nothing marks them. */
export function scanPlanned(
  planned: PlannedValues,
  stack: StackFacts,
  secrets: readonly { readonly variable: string; readonly value: string }[],
): Found[] {
  const out: Found[] = [];
  const resource = stack.resources.get(planned.address) ?? { address: planned.address, path: planned.address };
  const known = secrets.filter(({ value }) => value.length >= 8);
  const look = (path: readonly string[], value: string): void => {
    const leaked = known.find((secret) => value.includes(secret.value));
    const hits: readonly Hit[] =
      leaked === undefined
        ? findInValue(lastOf(path), value)
        : [
            {
              shape: "variable",
              title: `the value of the sensitive variable "${leaked.variable}", in clear`,
              line: 1,
              value: leaked.value,
            },
          ];
    out.push(...hits.map((hit) => finding(hit, resource, pathText(path))));
  };
  strings(planned.after, [], look, planned.sensitive);
  return out;
}

export function scanArtifacts(artifacts: ReadonlyMap<string, Artifact>, stack: StackFacts): Found[] {
  return [...artifacts].flatMap(([address, artifact]) => {
    const resource = stack.resources.get(address) ?? { address, path: address };
    if (artifact.text === undefined) return [];
    return findInText(artifact.text).map((hit) => finding(hit, resource, `${artifact.file}:${hit.line}`));
  });
}

/** One finding for one place, allowed ones marked, in a stable order; and the values to hide, of those that are not allowed. */
export function settleSecrets(
  found: readonly Found[],
  allowances: readonly SecretAllowance[],
  today: string,
): { readonly findings: Finding[]; readonly hide: string[] } {
  const unique = new Map(found.map((one) => [`${one.finding.address} ${one.finding.where ?? ""} ${one.finding.message}`, one]));
  const hide: string[] = [];
  const findings = [...unique.values()].map(({ finding: one, value }): Finding => {
    const places = [`${one.path}#${one.where ?? ""}`, one.where?.replace(/:\d+$/, "") ?? ""];
    const allowed = allowances.find(
      ({ where, shape, expires }) =>
        (shape === undefined || one.message.endsWith(`[${shape}]`)) &&
        (expires === undefined || today <= expires) &&
        places.some((place) => minimatch(place, where, { dot: true })),
    );
    if (allowed !== undefined) return { ...one, suppressed: { reason: allowed.reason, expires: allowed.expires ?? "never" } };
    hide.push(value);
    return one;
  });
  const key = ({ path, where, message }: Finding): string => `${path} ${where ?? ""} ${message}`;
  return { findings: findings.sort((a, b) => (key(a) < key(b) ? -1 : 1)), hide };
}

function finding(hit: Hit, resource: { readonly address: string; readonly path: string; readonly source?: string }, where: string): Found {
  const one: Finding = {
    rule: secretRule,
    severity: "error",
    address: resource.address,
    path: resource.path,
    ...(resource.source === undefined ? {} : { source: resource.source }),
    where,
    // The value is never part of it, nor its length or a hash: the message ends up in pull requests.
    message: `${hit.title} [${hit.shape}]`,
    fix: "take it out, revoke it at its issuer, and refer to a secret scope instead; if it is no secret, allow it with a reason",
    docs,
  };
  return { finding: one, value: hit.value };
}

/** @param path grows and shrinks on the way: copied by nobody who keeps it. @param marks Terraform's tree of sensitive values: in a plan by design, and passed over */
function strings(value: unknown, path: string[], found: (path: readonly string[], value: string) => void, marks?: unknown): void {
  if (marks === true) return;
  if (typeof value === "string") found(path, value);
  else if (isList(value)) {
    value.forEach((inner, index) => {
      path.push(labelOf(inner, index));
      strings(inner, path, found, isList(marks) ? marks[index] : undefined);
      path.pop();
    });
  } else if (isObject(value)) {
    for (const key in value) {
      if (skipped.has(key)) continue;
      path.push(key);
      strings(value[key], path, found, isObject(marks) ? marks[key] : undefined);
      path.pop();
    }
  }
}

const labelOf = (value: unknown, index: number): string => {
  const key = isObject(value)
    ? Object.entries(value).find(([name, inner]) => name.endsWith("_key") && typeof inner === "string")
    : undefined;
  return `[${key === undefined ? index : String(key[1])}]`;
};
const pathText = (path: readonly string[]): string => path.join(".").replaceAll(".[", "[");
const lastOf = (path: readonly string[]): string => path.findLast((part) => !part.startsWith("[")) ?? "";
