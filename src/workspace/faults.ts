import { setMaxListeners } from "node:events";
import { validateHeaderName, validateHeaderValue } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { defined } from "../defined";
import { invalid, type JsonObject, type JsonValue } from "./errors";
import { Fields } from "./fields";
import { Raw } from "./routes";

/** A fault rule: which calls are affected, and how. */
export interface FaultRule {
  readonly id: string;
  /** The method of the affected calls, such as "GET". @default all */
  readonly method?: string;
  /** The path of the affected calls, or the start of a path followed by `*`. */
  readonly path: string;
  /**
   * The number of the first affected call, counting from 1. Without `times`, only this call is
   * affected.
   */
  readonly nth?: number;
  /** Max number of affected calls. @default 1 with `nth`, else unlimited */
  readonly times?: number;
  /** The fraction of matching calls to affect (0…1). @default 1 */
  readonly probability?: number;
  /** The seed of the random numbers for `probability`. @default 1 */
  readonly seed?: number;
  /** Whether the fault occurs before or after the call takes effect. @default before */
  readonly when?: "before" | "after";
  readonly status?: number;
  readonly body?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
  /** Delays the call. Removing the rule ends the delay. */
  readonly delay_ms?: number;
  /** Closes the connection without a response. */
  readonly drop?: boolean;
  /** Sends only half of the body, and closes the connection. */
  readonly truncate?: boolean;
  /** Responds with this Retry-After, in seconds. The status is 429 unless `status` is set. */
  readonly retry_after?: number;
  /**
   * Returns the previous response once when the response to a GET has changed. Only these calls
   * count for `times`.
   */
  readonly stale?: boolean;
}

interface ActiveRule {
  readonly rule: FaultRule;
  /** The number of calls with the rule's method and path that no earlier rule affected. */
  seen: number;
  /** The number of affected calls. */
  fired: number;
  readonly random: () => number;
  /** Aborted when the rule is removed: ends the delays in progress. */
  readonly removal: AbortController;
}

/** What a rule does to one call. */
export interface Fault {
  /** Runs before the handler. @returns the response to send instead of calling the handler */
  before(): Promise<Raw | "drop" | undefined>;
  /** Runs after the handler. @returns the response to send instead of the actual one */
  after(): Promise<Raw | "drop" | undefined>;
  /**
   * Returns the previous response if the rule is stale and the responses differ, else the current
   * one.
   */
  stale(key: string, current: Raw): Raw;
  readonly truncates: boolean;
}

/** The active faults, which come from a file, the command or the control route. */
export class Faults {
  private rules: ActiveRule[] = [];
  /** The last response to each GET, by caller and URL. */
  private readonly responses = new Map<string, Raw>();
  private nextId = 1;

  /** Whether any rule is active: the fast path checks only this. */
  get active(): boolean {
    return this.rules.length > 0;
  }

  /** Adds a rule. @returns the rule with its id. @throws 400 for an invalid rule */
  add(input: JsonValue): FaultRule {
    if (typeof input !== "object" || input === null || Array.isArray(input))
      throw invalid("a fault must be an object");
    const rule = parseRule(input, `fault-${this.nextId++}`);
    const removal = new AbortController();
    // A rule can delay several calls at the same time.
    setMaxListeners(0, removal.signal);
    this.rules.push({ rule, seen: 0, fired: 0, random: randomFrom(rule.seed ?? 1), removal });
    return rule;
  }

  remove(id: string): boolean {
    const removedRules = this.rules.filter(({ rule }) => rule.id === id);
    this.rules = this.rules.filter(({ rule }) => rule.id !== id);
    for (const { removal } of removedRules) removal.abort();
    return removedRules.length > 0;
  }

  clear(): void {
    for (const { removal } of this.rules) removal.abort();
    this.rules = [];
    this.responses.clear();
  }

  list(): (FaultRule & { seen: number; fired: number })[] {
    return this.rules.map(({ rule, seen, fired }) => ({ ...rule, seen, fired }));
  }

  /** Stores the actual response to a GET, which a stale rule may return later. */
  storeResponse(key: string, current: Raw): void {
    if (typeof current.body !== "string") return;
    if (this.responses.size > 1000) this.responses.clear();
    this.responses.set(key, current);
  }

  /**
   * Returns the fault of the first rule that matches the call and whose `nth`, `times` and
   * `probability` allow it, and counts the call. Control routes never match.
   */
  match(method: string, url: string): Fault | undefined {
    const path = url.split("?")[0] ?? url;
    if (path.startsWith("/_lakeform/")) return undefined;
    for (const activeRule of this.rules) {
      const { rule } = activeRule;
      if (rule.method !== undefined && rule.method !== method) continue;
      if (rule.path.endsWith("*") ? !path.startsWith(rule.path.slice(0, -1)) : rule.path !== path)
        continue;
      activeRule.seen++;
      if (rule.nth !== undefined && activeRule.seen < rule.nth) continue;
      if (activeRule.fired >= (rule.times ?? (rule.nth === undefined ? Infinity : 1))) continue;
      if (rule.probability !== undefined && activeRule.random() >= rule.probability) continue;
      // A stale rule counts later, once the response is known to have changed.
      if (rule.stale !== true) activeRule.fired++;
      return this.fault(activeRule);
    }
    return undefined;
  }

  private fault(activeRule: ActiveRule): Fault {
    const { rule, removal } = activeRule;
    const applyRule = async (): Promise<Raw | "drop" | undefined> => {
      if (rule.delay_ms !== undefined)
        await sleep(rule.delay_ms, undefined, { signal: removal.signal }).catch(() => undefined);
      if (rule.drop === true) return "drop";
      const status = rule.status ?? (rule.retry_after === undefined ? undefined : 429);
      if (status === undefined) return undefined;
      const body = rule.body ?? {
        error_code: codeOf(status),
        message: `injected fault ${rule.id}`,
        details: [],
      };
      const retry: Record<string, string> =
        rule.retry_after === undefined ? {} : { "retry-after": String(rule.retry_after) };
      return new Raw(
        status,
        { "content-type": "application/json", ...retry, ...rule.headers },
        JSON.stringify(body),
      );
    };
    const noEffect = (): Promise<undefined> => Promise.resolve(undefined);
    return {
      before: rule.when === "after" ? noEffect : applyRule,
      after: rule.when === "after" ? applyRule : noEffect,
      stale: (key, current) => {
        const previous = rule.stale === true ? this.responses.get(key) : undefined;
        if (
          previous === undefined ||
          (previous.status === current.status && previous.body === current.body)
        )
          return current;
        activeRule.fired++;
        return previous;
      },
      truncates: rule.truncate === true,
    };
  }
}

const FIELD_NAMES = [
  "id",
  "method",
  "path",
  "nth",
  "times",
  "probability",
  "seed",
  "when",
  "status",
  "body",
  "headers",
  "delay_ms",
  "drop",
  "truncate",
  "retry_after",
  "stale",
];

function parseRule(input: JsonObject, id: string): FaultRule {
  const unknown = Object.keys(input).find((name) => !FIELD_NAMES.includes(name));
  if (unknown !== undefined)
    throw invalid(
      `unknown field '${unknown.slice(0, 100)}' in a fault; expected one of ${FIELD_NAMES.join(", ")}`,
    );
  const fields = new Fields(input);
  const path = fields.string("path");
  const method = fields.optionalString("method")?.toUpperCase();
  const when = fields.optionalEnum("when", ["before", "after"]);
  const number = (
    name: string,
    low: number,
    high: number,
    mustBeInteger = true,
  ): number | undefined => {
    const value = input[name];
    if (value === undefined || value === null) return undefined;
    if (
      typeof value !== "number" ||
      !(value >= low && value <= high) ||
      (mustBeInteger && !Number.isInteger(value))
    )
      throw invalid(
        `a fault's ${name} must be a ${mustBeInteger ? "whole " : ""}number from ${low} to ${high}`,
      );
    return value;
  };
  const rule = {
    id: fields.optionalString("id") ?? id,
    path,
    method,
    when,
    nth: number("nth", 1, 1e9),
    times: number("times", 1, 1e9),
    probability: number("probability", 0, 1, false),
    seed: number("seed", 0, 2 ** 32),
    status: number("status", 200, 599),
    delay_ms: number("delay_ms", 0, 3_600_000),
    retry_after: number("retry_after", 0, 3600),
    body: fields.optionalObject("body"),
    headers: fields.optionalStringMap("headers"),
    drop: fields.optionalBoolean("drop"),
    truncate: fields.optionalBoolean("truncate"),
    stale: fields.optionalBoolean("stale"),
  };
  if (
    rule.status === undefined &&
    rule.delay_ms === undefined &&
    rule.retry_after === undefined &&
    rule.drop !== true &&
    rule.truncate !== true &&
    rule.stale !== true
  )
    throw invalid("a fault needs one of status, delay_ms, retry_after, drop, truncate, stale");
  if (
    rule.status === undefined &&
    rule.retry_after === undefined &&
    (rule.body !== undefined || rule.headers !== undefined)
  )
    throw invalid("a fault with body or headers needs a status or retry_after");
  if (rule.method !== undefined && rule.method !== "GET" && rule.stale === true)
    throw invalid("stale is supported for GET only");
  for (const [name, value] of Object.entries(rule.headers ?? {}))
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch {
      throw invalid(`invalid name or value of the fault's header '${name.slice(0, 100)}'`);
    }
  return defined(rule);
}

const codeOf = (status: number): string =>
  ({
    400: "BAD_REQUEST",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "RESOURCE_CONFLICT",
    429: "REQUEST_LIMIT_EXCEEDED",
    503: "TEMPORARILY_UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
  })[status] ?? "INTERNAL_ERROR";

/** mulberry32: returns the same sequence for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
