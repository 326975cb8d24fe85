import fs from "node:fs";
import path from "node:path";
import { minimatch } from "minimatch";
import { parseDocument } from "yaml";
import { defined } from "../../defined";
import { LakeformError } from "../../errors";
import type { IgnoreRule } from "../../terraform/metadata";
import type { IgnoreRuleUse } from "../model";
import { isObject } from "../expressions/values";

export interface SourcedRule extends IgnoreRule {
  /** Its location: `lakeform.ignore.yaml: rule 3`, or `daily-etl: ignore 1` (of a stack). */
  readonly from: string;
}

/**
 * Reads the rules of the given file, or of `lakeform.ignore.yaml` in the folder if it exists.
 * @throws LakeformError NO_IGNORE_FILE, BAD_IGNORE_FILE
 */
export function readIgnoreFile(folder: string, filePath?: string): readonly SourcedRule[] {
  const file = filePath ?? path.join(folder, "lakeform.ignore.yaml");
  if (fs.existsSync(file))
    return parseIgnoreFile(fs.readFileSync(file, "utf8"), path.basename(file));
  if (filePath === undefined) return [];
  throw new LakeformError("NO_IGNORE_FILE", "the ignore file does not exist", {
    value: file,
    fix: "check --ignore-file",
  });
}

/**
 * Parses an ignore file: a list of rules, at the top or under `ignore`. Each has `reason`,
 * `expires`, and at least one of `path`, `kind` and `field`.
 * @throws LakeformError BAD_IGNORE_FILE with every problem of the file
 */
export function parseIgnoreFile(text: string, file: string): readonly SourcedRule[] {
  const document = parseDocument(text);
  const problems = document.errors.map(
    (error) => `${file}:${error.linePos?.[0].line ?? 1}: ${error.message.split("\n")[0] ?? ""}`,
  );
  const parsed: unknown = problems.length > 0 ? undefined : document.toJS();
  const items: unknown = isObject(parsed) ? parsed.ignore : parsed;
  if (problems.length === 0 && items !== null && items !== undefined && !Array.isArray(items))
    problems.push(`${file}: expected a list of rules`);
  const rules = (Array.isArray(items) ? items : []).map((item: unknown, index) => {
    const from = `${file}: rule ${index + 1}`;
    problems.push(...problemsOf(item).map((problem) => `${from}: ${problem}`));
    return { ...(item as IgnoreRule), from };
  });
  if (problems.length > 0) {
    throw new LakeformError("BAD_IGNORE_FILE", "invalid ignore file", {
      path: file,
      value: problems.join("; "),
      allowed:
        "a list of {path?, kind?, field?, reason, expires}; expires is a date like 2027-01-31",
      fix: "correct the rules: an invalid rule ignores nothing",
    });
  }
  return rules;
}

function problemsOf(item: unknown): readonly string[] {
  if (!isObject(item)) return ["it is not a rule"];
  const known = ["path", "kind", "field", "reason", "expires"];
  const unknown = Object.keys(item).filter((key) => !known.includes(key));
  const problems = unknown.map((key) => `unknown key "${key}"`);
  for (const key of known)
    if (item[key] !== undefined && typeof item[key] !== "string")
      problems.push(`"${key}" must be text`);
  if (typeof item.reason !== "string" || item.reason.trim() === "")
    problems.push('"reason" is required');
  if (typeof item.expires !== "string" || !isDate(item.expires))
    problems.push('"expires" is required, a date like 2027-01-31');
  if (item.path === undefined && item.kind === undefined && item.field === undefined)
    problems.push("a rule without path, kind and field would ignore everything");
  return problems;
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** The data that a rule is matched against. */
export interface Ignorable {
  /** Construct path, or the name of an unmanaged object. */
  readonly path: string;
  /** `databricks_job`; rules may omit the prefix. */
  readonly kind: string;
  /**
   * Paths of the field: with keys and without. Empty for a complete object (missing, unmanaged).
   */
  readonly fields: readonly string[];
}

/** The rules of a run and how often each was used. */
export class IgnoreRules {
  readonly #used: number[];

  /** @param today ISO date: a rule is valid up to and including its last day */
  constructor(
    private readonly rules: readonly SourcedRule[],
    private readonly today: string,
  ) {
    this.#used = rules.map(() => 0);
  }

  /**
   * Returns the index of the first matching rule, and counts its use. Expired rules match nothing.
   */
  find(subject: Ignorable): number | undefined {
    const index = this.rules.findIndex(
      (rule) => rule.expires >= this.today && matches(rule, subject),
    );
    if (index < 0) return undefined;
    this.#used[index] = (this.#used[index] ?? 0) + 1;
    return index;
  }

  get(index: number): SourcedRule | undefined {
    return this.rules[index];
  }

  uses(): readonly IgnoreRuleUse[] {
    return this.rules.map(({ from, path, kind, field, reason, expires }, index) => {
      const count = this.#used[index] ?? 0;
      return {
        from,
        ...defined({ path, kind, field }),
        reason,
        expires,
        state: expires < this.today ? "expired" : count > 0 ? "used" : "unused",
        count,
      };
    });
  }
}

function matches(rule: IgnoreRule, subject: Ignorable): boolean {
  if (
    rule.path !== undefined &&
    !minimatch(subject.path, rule.path, { dot: true }) &&
    rule.path !== subject.path
  )
    return false;
  if (
    rule.kind !== undefined &&
    rule.kind !== subject.kind &&
    `databricks_${rule.kind}` !== subject.kind
  )
    return false;
  const { field } = rule;
  if (field === undefined) return true;
  return subject.fields.some((candidate) => fieldPattern(field).test(candidate));
}

/**
 * `task[*].max_retries`: a star matches anything but a dot; a rule for a block covers its content.
 */
function fieldPattern(field: string): RegExp {
  const escaped = field.replaceAll(/[.[\]()+?^$\\{}|]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", "[^.]*")}($|[.[])`);
}
