/**
 * Desired, deployed and remote, field by field. The rules of the kind decide what is no difference; each decision can be traced (`--explain`).
 * Over 300 lines because one walk has to carry the three sides together: split by shape it would pass twelve arguments around.
 */
import type { Attributes, BackendDefault, PolicyValues, Rules, Value } from "../../resources/kind";
import { asList, asValue, isEqual } from "../fields/equal";
import { nodeOf, type FieldNode } from "../fields/field-node";
import type { FieldInfo, Fields } from "../fields/field-rules";
import type { Finding } from "../model";
import type { Shower } from "./redactor";
import type { Desired, DesiredObject } from "../expressions/values";
import { Sensitive, Unresolved, findMarker, isDesiredObject, isPlain, isZero, plain, pruned } from "../expressions/values";

export interface Comparison {
  readonly fields: Fields;
  readonly rules: Rules;
  /** What the code says now. */
  readonly desired: DesiredObject;
  /** What was last deployed; undefined when nobody knows (found by name). */
  readonly deployed: DesiredObject | undefined;
  /** Terraform's state, which also holds what the backend filled in. */
  readonly state: DesiredObject | undefined;
  readonly remote: DesiredObject;
  /** True when it is known that nothing in `remote` is wrapped. @default it is looked at */
  readonly plainRemote?: boolean;
  /** Fields that the read left out because they cost a call of their own. */
  readonly omitted?: readonly string[];
  /** Fields that the workspace refused to tell, with the reason. */
  readonly unreadable?: Readonly<Record<string, string>>;
  /** What the policies of the clusters supply. */
  readonly policies?: PolicyValues;
  readonly shower: Shower;
  readonly trace?: (decision: Decision) => void;
}

/** Why a field is what it is, for `--explain`. */
export interface Decision {
  readonly path: string;
  readonly outcome: "equal" | "accepted" | "skipped" | Finding["status"];
  readonly why: string;
}

export interface Compared {
  readonly findings: readonly Finding[];
  /** Fields that the code does not set and that were not asked for. */
  readonly notAsked: readonly string[];
}

interface Place {
  readonly field: string;
  readonly path: string;
}

interface Sides {
  readonly d: Desired | undefined;
  readonly p: Desired | undefined;
  readonly s: Desired | undefined;
  readonly r: Desired | undefined;
}

/** Terraform's own, or set by Terraform: no part of what is configured. */
const engineFields = new Set(["id", "timeouts", "provider_config"]);

export function compare(comparison: Comparison): Compared {
  const comparer = new Comparer(comparison, comparison.plainRemote === true || isPlain(comparison.remote));
  const sides = { d: comparison.desired, p: comparison.deployed, s: comparison.state, r: comparison.remote };
  comparer.block({ field: "", path: "" }, nodeOf(comparison.fields, comparison.rules, ""), sides);
  return { findings: comparer.findings, notAsked: [...comparer.notAsked] };
}

class Comparer {
  findings: Finding[] = [];
  readonly notAsked: Set<string>;

  readonly #unreadable: readonly (readonly [string, string])[];

  /** @param plainRemote nothing in the remote side has to be unwrapped before the rules' functions see it: true for nearly every object */
  constructor(
    private readonly on: Comparison,
    private readonly plainRemote: boolean,
  ) {
    this.notAsked = new Set(on.omitted?.filter((field) => on.rules.configOnly[field] === undefined));
    this.#unreadable = Object.entries(on.unreadable ?? {});
  }

  /** The remote object for the rules' functions, made when one asks. */
  get #whole(): Attributes {
    return plainOnce(this.on.remote);
  }

  block(at: Place, node: FieldNode, sides: Sides): void {
    const d = objectOf(sides.d);
    const p = objectOf(sides.p);
    const s = objectOf(sides.s);
    const r = objectOf(sides.r);
    const around = r ?? {};
    for (const name of this.#names(node, d, r)) {
      if (engineFields.has(name)) continue;
      const field = node.child(name);
      // A default of the provider counts as configured where its block is.
      const fallback = d === undefined ? undefined : field.info?.default;
      this.#field({ field: field.field, path: at.path === "" ? name : `${at.path}.${name}` }, field, {
        d: d === undefined ? undefined : (d[name] ?? fallback),
        p: p === undefined ? undefined : (p[name] ?? fallback),
        s: s?.[name],
        r: r?.[name],
      }, around); // prettier-ignore
    }
  }

  /** The fields to look at: what is empty on both sides needs a place only where each decision is told. */
  #names(node: FieldNode, d: DesiredObject | undefined, r: DesiredObject | undefined): Iterable<string> {
    const names = written(d);
    for (const name of written(r)) if (d === undefined || !isWritten(d[name])) names.push(name);
    if (d !== undefined) for (const name of node.withDefault) if (!names.includes(name)) names.push(name);
    if (this.on.trace === undefined) return names;
    return new Set([...names, ...Object.keys(d ?? {}), ...Object.keys(r ?? {}), ...(d === undefined && r === undefined ? [] : node.names)]);
  }

  #field(at: Place, node: FieldNode, sides: Sides, around: DesiredObject): void {
    const { info } = node;
    if (node.skip !== undefined) return this.#trace(at, "skipped", node.skip);
    const untold = node.unverifiable ?? this.#untold(at.field);
    if (untold !== undefined) return isZero(sides.d) ? this.#trace(at, "skipped", untold) : this.#unverifiable(at, sides, untold);
    if (sides.d instanceof Unresolved) return this.#unresolved(at, sides, sides.d);
    const unset = isZero(sides.d);
    if (unset && isZero(sides.r) && !(isPresentBlock(sides.d) && !isPresentBlock(sides.r)))
      return this.#trace(at, "equal", "nothing on both sides");
    if (unset && this.#filledIn(at, node, sides, around)) return;
    switch (shapeOf(info, sides)) {
      case "block":
        return this.#single(at, node, sides);
      case "blocks":
        return this.#blocks(at, node, sides);
      case "map":
        return this.#map(at, sides, around);
      case "values":
        return this.#values(at, sides, info);
      case "scalar":
        return this.#scalar(at, sides);
    }
  }

  /** Why this object does not tell a field. */
  #untold(field: string): string | undefined {
    const refused = this.#unreadable.find(([path]) => covers(path, field));
    if (refused !== undefined) return refused[1];
    return this.on.omitted?.some((path) => covers(path, field)) === true ? notAskedReason : undefined;
  }

  /**
   * The code says nothing and the platform may fill something in: no difference, unless it is not what it was at the deploy. A rule that names its values
   * is enough by itself; a rule that would take anything, and a field that only the schema calls computed, need the state to have said the same.
   */
  #filledIn(at: Place, { rule, info }: FieldNode, sides: Sides, around: DesiredObject): boolean {
    const value = rule === undefined ? null : this.#plain(sides.r);
    const byRule = rule?.when(value, this.#plainBlock(around), this.#whole) === true;
    if (!byRule && info?.optionalComputed !== true) return false;
    const same = isEqual(sides.s, sides.r, at.field, this.on.rules);
    const follows = byRule && rule?.follows?.(value, this.#plainBlock(around)) === true;
    if (same || follows || (isZero(sides.s) && !this.#needsState(info, rule, around))) {
      this.#trace(at, "accepted", rule?.reason ?? "the platform fills it in when the code does not set it");
      return true;
    }
    // What the backend filled in at the deploy counts as deployed.
    const values = this.#values3(at, { ...sides, d: undefined, p: sides.s });
    this.#add(at, { ...values, status: "drift", reason: "not set in the code; the workspace's value has changed since the deploy" });
    return true;
  }

  /** A rule that accepts a value that cannot be does not look at the value: it takes anything. */
  #needsState(info: FieldInfo | undefined, rule: BackendDefault | undefined, around: DesiredObject): boolean {
    if (this.on.state === undefined) return false;
    return info?.optionalComputed === true || rule?.when("\u0000no such value", this.#plainBlock(around), this.#whole) === true;
  }

  /** A value of the remote side, for the rules' functions. */
  #plain(value: Desired | undefined): Value {
    return this.plainRemote ? ((value ?? null) as Value) : asValue(value);
  }

  #plainBlock(block: DesiredObject): Attributes {
    return this.plainRemote ? (block as Attributes) : plainOnce(block);
  }

  #single(at: Place, node: FieldNode, sides: Sides): void {
    const d = firstObject(sides.d);
    const r = firstObject(sides.r);
    this.#collapsed(at, sides, d === undefined || r === undefined || isZero(d) !== isZero(r), () => {
      this.block(at, node, { d, p: firstObject(sides.p), s: firstObject(sides.s), r });
    });
  }

  /** A whole block that is there on one side only is one finding, not one for each of its fields. */
  #collapsed(at: Place, sides: Sides, oneSided: boolean, work: () => void): void {
    const before = this.findings;
    this.findings = [];
    work();
    const found = this.findings;
    this.findings = before;
    const differing = found.filter(({ status }) => status === "drift" || status === "pending");
    if (!oneSided || differing.length < 2) return void this.findings.push(...found);
    this.findings.push(...found.filter((finding) => !differing.includes(finding)));
    this.#differs(at, { d: firstObject(sides.d), p: firstObject(sides.p), s: firstObject(sides.s), r: firstObject(sides.r) });
  }

  #blocks(at: Place, node: FieldNode, sides: Sides): void {
    const key = this.on.rules.keyed[at.field] ?? (node.info?.is === "blockSet" ? "*" : undefined);
    if (key === "*") return this.#set(at, sides);
    const d = byLabel(sides.d, key);
    const s = byLabel(sides.s, key);
    const p = sides.p === sides.s ? s : byLabel(sides.p, key);
    const r = byLabel(sides.r, key);
    const names = [...d.keys()];
    for (const name of r.keys()) if (!d.has(name)) names.push(name);
    for (const name of names) {
      const place = { field: at.field, path: `${at.path}[${name}]` };
      const inner: Sides = { d: d.get(name), p: p.get(name), s: s.get(name), r: r.get(name) };
      if (inner.d !== undefined && inner.r !== undefined) this.block(place, node, inner);
      else if (inner.d === undefined && this.#acceptsElement(at.field, inner.r)) this.#trace(place, "accepted", node.rule?.reason ?? "");
      else this.#differs(place, inner, inner.d === undefined ? "added" : "removed");
    }
  }

  #acceptsElement(field: string, element: Desired | undefined): boolean {
    return this.on.rules.backendDefaults[field]?.when([asValue(element)], {}, this.#whole) === true;
  }

  /** Values or blocks without order and without key: what is on one side only. */
  #set(at: Place, sides: Sides): void {
    const unresolved = findMarker(sides.d, Unresolved);
    if (unresolved !== undefined) return this.#unresolved(at, sides, unresolved);
    const { rules } = this.on;
    // An element with nothing in it says nothing.
    const [d, p, r] = [sides.d, sides.p, sides.r].map((side) => asList(side).filter((item) => !isZero(item))) as [
      Desired[],
      Desired[],
      Desired[],
    ];
    const has = (list: readonly Desired[], item: Desired): boolean => list.some((other) => isEqual(item, other, at.field, rules));
    const before = this.findings.length;
    for (const item of d)
      if (!has(r, item))
        this.#differs(this.#element(at, item), { d: item, p: has(p, item) ? item : undefined, s: undefined, r: undefined }, "removed");
    for (const item of r) {
      if (has(d, item)) continue;
      if (this.#acceptsElement(at.field, item))
        this.#trace(this.#element(at, item), "accepted", rules.backendDefaults[at.field]?.reason ?? "");
      else this.#differs(this.#element(at, item), { d: undefined, p: has(p, item) ? item : undefined, s: undefined, r: item }, "added");
    }
    if (this.findings.length === before) this.#trace(at, "equal", "the same elements, in any order");
  }

  #element(at: Place, item: Desired): Place {
    return { field: at.field, path: `${at.path}[${this.on.shower.text(shortLabel(item))}]` };
  }

  #map(at: Place, sides: Sides, around: DesiredObject): void {
    if (sides.d instanceof Sensitive) return this.#scalar(at, sides);
    const [d, p, s, r] = [objectOf(sides.d), objectOf(sides.p), objectOf(sides.s), objectOf(sides.r)];
    const keys = Object.keys(d ?? {});
    for (const key in r) if (d === undefined || !Object.hasOwn(d, key)) keys.push(key);
    for (const key of keys) {
      const place = { field: `${at.field}.${key}`, path: `${at.path}[${key}]` };
      const inner: Sides = { d: d?.[key], p: p?.[key], s: s?.[key], r: r?.[key] };
      if (inner.d instanceof Unresolved) this.#unresolved(place, inner, inner.d);
      else if (d?.[key] === undefined && this.#acceptsEntry(at.field, key, inner))
        this.#trace(place, "accepted", this.on.rules.backendDefaults[at.field]?.reason ?? "");
      else if (d?.[key] === undefined && this.#fromPolicy(at.field, key, inner.r, around))
        this.#trace(place, "accepted", "the cluster's policy supplies this value");
      else this.#scalar(place, inner);
    }
  }

  /** Only the value that the policy's definition gives: another one, or an entry that the policy does not know, was put there by somebody. */
  #fromPolicy(field: string, key: string, remote: Desired | undefined, around: DesiredObject): boolean {
    const id = around["policy_id"];
    const supplied = typeof id === "string" ? this.on.policies?.[id]?.[`${field.slice(field.lastIndexOf(".") + 1)}.${key}`] : undefined;
    return supplied !== undefined && supplied === asValue(remote);
  }

  #acceptsEntry(field: string, key: string, sides: Sides): boolean {
    const { backendDefaults } = this.on.rules;
    const value = asValue(sides.r);
    const accepted =
      backendDefaults[`${field}.${key}`]?.when(value, {}, this.#whole) === true ||
      backendDefaults[field]?.when({ [key]: value }, {}, this.#whole) === true;
    return accepted && (isZero(sides.s) || isEqual(sides.s, sides.r, field, this.on.rules));
  }

  #values(at: Place, sides: Sides, info: FieldInfo | undefined): void {
    if (info?.is === "set" || this.on.rules.keyed[at.field] !== undefined) return this.#set(at, sides);
    const unresolved = findMarker(sides.d, Unresolved);
    if (unresolved !== undefined) return this.#unresolved(at, sides, unresolved);
    this.#scalar(at, sides);
  }

  #scalar(at: Place, sides: Sides): void {
    const { d, r } = sides;
    if (d instanceof Sensitive && d.reveal() === undefined) return this.#unknownSecret(at, sides);
    if (isEqual(d, r, at.field, this.on.rules)) return this.#trace(at, "equal", "the same on both sides");
    this.#differs(at, sides);
  }

  /** The variable has no value here: the workspace is compared with what was deployed. */
  #unknownSecret(at: Place, sides: Sides): void {
    if (isZero(sides.s) || (sides.s instanceof Sensitive && sides.s.reveal() === undefined)) {
      return this.#unverifiable(at, sides, "the value comes from a sensitive variable that is not set here");
    }
    if (isEqual(sides.s, sides.r, at.field, this.on.rules))
      return this.#trace(at, "equal", "the same as in the state; the variable is not set here");
    this.#add(at, {
      ...this.#values3(at, { ...sides, p: sides.s }),
      status: "drift",
      reason: "the workspace has another value than the state",
    });
  }

  /** An expression that cannot be worked out: still drift when the workspace has left what the state says was deployed. */
  #unresolved(at: Place, sides: Sides, marker: Unresolved): void {
    if (!isZero(sides.s) && !isEqual(sides.s, sides.r, at.field, this.on.rules)) {
      const reason = "the workspace has another value than the state; the code's expression cannot be worked out here";
      return this.#add(at, { ...this.#values3(at, { ...sides, d: marker, p: sides.s }), status: "drift", reason });
    }
    this.#unverifiable(at, { ...sides, d: marker }, `${marker.reason}${isZero(sides.s) ? "" : "; the workspace has what was deployed"}`);
  }

  #unverifiable(at: Place, sides: Sides, reason: string): void {
    this.#add(at, { ...this.#values3(at, sides), status: "unverifiable", reason });
  }

  /** Somebody changed the workspace, or the code changed and was not deployed, or both. */
  #differs(at: Place, sides: Sides, how?: "added" | "removed"): void {
    const values = this.#values3(at, sides);
    const same = (a: Desired | undefined, b: Desired | undefined): boolean =>
      isEqual(pruned(a ?? null), pruned(b ?? null), at.field, this.on.rules);
    // A record holds `${var.x}`, which is worked out with today's variable: for secrets only the state knows what was deployed.
    const deployed = findMarker(sides.p, Sensitive) === undefined && !(sides.p instanceof Unresolved) ? sides.p : sides.s;
    if (this.on.deployed === undefined && this.on.state === undefined) {
      return this.#add(at, { ...values, status: "drift", reason: wording(how, "the workspace differs from the code") });
    }
    // A record holds a block as the code had it, the workspace with what the platform filled in.
    if (same(deployed, sides.r) || (how === "added" && this.#meansTheSame(at, deployed, sides.r))) {
      const reason =
        how === "added"
          ? "gone from the code, not deployed yet"
          : how === "removed"
            ? "new in the code, not deployed yet"
            : "the code has changed, not deployed yet";
      return this.#add(at, { ...values, status: "pending", reason });
    }
    if (same(deployed, sides.d) || this.#meansTheSame(at, sides.d, deployed))
      return this.#add(at, { ...values, status: "drift", reason: wording(how, "changed in the workspace") });
    this.#add(at, { ...values, status: "drift", both: true, reason: "changed in the workspace, and the code has changed as well" });
  }

  /** A block of the code and one of the state, which also holds what the platform filled in. */
  #meansTheSame(at: Place, desired: Desired | undefined, deployed: Desired | undefined): boolean {
    const [d, r] = [objectOf(desired), objectOf(deployed)];
    if (d === undefined || r === undefined) return false;
    const { fields, rules, remote, shower } = this.on;
    const comparer = new Comparer({ fields, rules, desired: d, deployed: undefined, state: undefined, remote, shower }, false);
    comparer.block(at, nodeOf(fields, rules, at.field), { d, p: undefined, s: undefined, r });
    return comparer.findings.every(({ status }) => status === "unverifiable");
  }

  #values3(at: Place, sides: Sides): Omit<Finding, "status" | "reason"> {
    const { shower, fields } = this.on;
    const info = fields.get(at.field);
    const sensitive = info?.sensitive === true || [sides.d, sides.p, sides.s, sides.r].some((side) => side instanceof Sensitive);
    const show = (value: Desired | undefined): Finding["remote"] => {
      if (isZero(value) && typeof value === "object") return undefined;
      return shower.value(sensitive && !isZero(value) ? new Sensitive(undefined) : value);
    };
    const [desired, deployed, remote] = [show(sides.d), show(sides.p), show(sides.r)];
    return {
      path: shower.text(at.path),
      field: at.field,
      ...(desired === undefined ? {} : { desired }),
      ...(deployed === undefined ? {} : { deployed }),
      ...(remote === undefined ? {} : { remote }),
      ...(sensitive ? { sensitive: true as const } : {}),
      ...(info?.replaces === true ? { replaces: true as const } : {}),
    };
  }

  #add(at: Place, finding: Finding): void {
    this.findings.push(finding);
    this.#trace(at, finding.status, finding.reason);
  }

  #trace(at: Place, outcome: Decision["outcome"], why: string): void {
    this.on.trace?.({ path: this.on.shower.text(at.path), outcome, why });
  }
}

/** The fields that hold something: most fields of most blocks do not. */
function written(block: DesiredObject | undefined): string[] {
  const found: string[] = [];
  for (const name in block) if (isWritten(block[name])) found.push(name);
  return found;
}

function isWritten(value: Desired | undefined): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
}

const plainObjects = new WeakMap<DesiredObject, Attributes>();

/** The same block is asked about field by field. */
function plainOnce(value: DesiredObject): Attributes {
  const known = plainObjects.get(value) ?? (isPlain(value) ? value : plain(value));
  plainObjects.set(value, known);
  return known;
}

export const notAskedReason = "not asked: it costs a call for each object (--deep asks)";

function wording(how: "added" | "removed" | undefined, otherwise: string): string {
  return how === "added" ? "added in the workspace" : how === "removed" ? "removed in the workspace" : otherwise;
}

/** True when a path is the field or a block around it. */
export function covers(path: string, field: string): boolean {
  return field.startsWith(path) && (field.length === path.length || field[path.length] === ".");
}

function objectOf(value: Desired | undefined): DesiredObject | undefined {
  return isDesiredObject(value) ? value : undefined;
}

/** A block that occurs once: an object, or a list of one. */
function firstObject(value: Desired | undefined): DesiredObject | undefined {
  return objectOf(Array.isArray(value) ? value[0] : value);
}

/** `continuous {}`: written, though with nothing in it. */
function isPresentBlock(value: Desired | undefined): boolean {
  return firstObject(value) !== undefined;
}

function shapeOf(info: FieldInfo | undefined, { d, r }: Sides): "block" | "blocks" | "map" | "values" | "scalar" {
  switch (info?.is) {
    case "block":
      return "block";
    case "blocks":
    case "blockSet":
      return "blocks";
    case "map":
      return "map";
    case "list":
    case "set":
      return "values";
    case "scalar":
      return "scalar";
    case undefined:
  }
  const items = [...asList(d), ...asList(r)];
  if (items.some(isDesiredObject)) return Array.isArray(d) || Array.isArray(r) ? "blocks" : "map";
  return Array.isArray(d) || Array.isArray(r) ? "values" : "scalar";
}

/** Blocks by their key, or by their place where the kind has no key for them. */
function byLabel(side: Desired | undefined, key: string | undefined): ReadonlyMap<string, DesiredObject> {
  const found = new Map<string, DesiredObject>();
  const items = asList(side);
  for (let position = 0; position < items.length; position += 1) {
    const item = items[position];
    if (!isDesiredObject(item)) continue;
    const name = key === undefined ? String(position) : keyOf(item, key, position);
    found.set(found.has(name) ? `${name}#${position}` : name, item);
  }
  return found;
}

function keyOf(item: Desired, key: string, position: number): string {
  const value = isDesiredObject(item) ? item[key] : undefined;
  return typeof value === "string" || typeof value === "number" ? String(value) : `#${position}`;
}

/** `pypi: pandas==2.1` for an element that has no key. */
function shortLabel(item: Desired): string {
  if (item instanceof Sensitive || item instanceof Unresolved || item === null) return "…";
  if (typeof item !== "object") return String(item);
  const leaves = (value: Desired): string[] => {
    if (value === null || value instanceof Sensitive || value instanceof Unresolved || isZero(value)) return [];
    return typeof value === "object" ? Object.values(value).flatMap(leaves) : [String(value)];
  };
  const text = leaves(item).join(" ");
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
