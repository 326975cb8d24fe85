/**
 * Desired, deployed and remote, field by field. The rules of the kind decide which differences to
 * ignore; each decision can be traced (`--explain`).
 */
import type { Attributes, BackendDefault, Value } from "../../resources/kind";
import {
  Sensitive,
  Unresolved,
  isPlain,
  isZero,
  findMarker,
  type Desired,
  type DesiredObject,
} from "../expressions/values";
import { asValue, isEqual, isNothing } from "../fields/equal";
import { nodeOf, type FieldNode } from "../fields/field-node";
import type { FieldInfo } from "../fields/field-rules";
import { Collections } from "./collections";
import {
  covers,
  notAskedReason,
  type Compared,
  type Comparison,
  type Place,
  type Sides,
} from "./comparison";
import { Findings } from "./findings";
import {
  byLabel,
  firstObject,
  isPresentBlock,
  isWritten,
  objectOf,
  plainOnce,
  shapeOf,
  written,
} from "./sides";

/** Fields that Terraform sets and that are not part of the configuration. */
const engineFields = new Set(["id", "timeouts", "provider_config", "api"]);

export function compare(comparison: Comparison): Compared {
  const comparer = new Comparer(
    comparison,
    comparison.plainRemote === true || isPlain(comparison.remote),
  );
  const sides = {
    d: comparison.desired,
    p: comparison.deployed,
    s: comparison.state,
    r: comparison.remote,
  };
  comparer.block({ node: nodeOf(comparison.fields, comparison.rules, ""), path: "" }, sides);
  return {
    findings: comparer.findings.list,
    notAsked: [...comparer.notAsked],
    leftOut: comparer.leftOut,
  };
}

const unknownOrigin =
  "and Terraform keeps the value that the element at this position had, or that was set in the workspace: set it in the code";

class Comparer {
  readonly findings: Findings;
  readonly notAsked: Set<string>;
  readonly leftOut = new Map<string, string>();

  readonly #collections: Collections;
  readonly #unreadable: readonly (readonly [string, string])[];

  /**
   * @param plainRemote nothing in the remote side has to be unwrapped for the rules' functions:
   * true for nearly every object
   */
  constructor(
    private readonly context: Comparison,
    private readonly plainRemote: boolean,
  ) {
    this.findings = new Findings(context, (at, desired, deployed) =>
      this.#meansTheSame(at, desired, deployed),
    );
    this.#collections = new Collections(context, this.findings, () => this.#whole);
    this.notAsked = new Set(
      context.omitted?.filter((field) => context.rules.configOnly[field] === undefined),
    );
    this.#unreadable = Object.entries(context.unreadable ?? {});
  }

  /** The remote object for the rules' functions, created on demand. */
  get #whole(): Attributes {
    return plainOnce(this.context.remote);
  }

  block(at: Place, sides: Sides): void {
    const { node } = at;
    const d = objectOf(sides.d);
    const p = objectOf(sides.p);
    const s = objectOf(sides.s);
    const r = objectOf(sides.r);
    const around = r ?? {};
    for (const name of this.#names(node, d, r)) {
      if (at.path === "" && engineFields.has(name)) continue;
      const field = node.child(name);
      if (this.#isSame(field, d?.[name], r?.[name])) continue;
      // A provider default counts as configured if its block is.
      const fallback = d === undefined ? undefined : field.info?.default;
      this.#field({ node: field, path: at.path === "" ? name : `${at.path}.${name}` }, {
        d: d === undefined ? undefined : (d[name] ?? fallback),
        p: p === undefined ? undefined : (p[name] ?? fallback),
        // The newer framework has a field of its own for what the platform chose.
        s: s?.[name] ?? s?.[`effective_${name}`],
        r: r?.[name],
      }, around); // prettier-ignore
    }
  }

  /** A shortcut of {@link #field} for most fields: a value that is the same on both sides. */
  #isSame(node: FieldNode, d: Desired | undefined, r: Desired | undefined): boolean {
    return (
      d === r &&
      typeof d !== "object" &&
      Boolean(d) &&
      node.isScalar &&
      this.context.trace === undefined &&
      this.#untold(node.field) === undefined
    );
  }

  /** The fields to compare: a field that is empty on both sides is included only for tracing. */
  #names(
    node: FieldNode,
    d: DesiredObject | undefined,
    r: DesiredObject | undefined,
  ): Iterable<string> {
    const names = written(d);
    for (const name of written(r)) if (d === undefined || !isWritten(d[name])) names.push(name);
    if (d !== undefined)
      for (const name of node.withDefault) if (!names.includes(name)) names.push(name);
    if (this.context.trace === undefined) return names;
    return new Set([
      ...names,
      ...Object.keys(d ?? {}),
      ...Object.keys(r ?? {}),
      ...(d === undefined && r === undefined ? [] : node.names),
    ]);
  }

  #field(at: Place, sides: Sides, around: DesiredObject): void {
    const { node } = at;
    if (node.skip !== undefined) {
      const configured = this.context.rules.configOnly[node.field];
      if (configured !== undefined && !isNothing(sides.d, node))
        this.leftOut.set(node.field, configured);
      return this.findings.trace(at, "skipped", node.skip);
    }
    const uncertain = node.unverifiable ?? this.#untold(node.field);
    if (uncertain !== undefined)
      return isNothing(sides.d, node)
        ? this.findings.trace(at, "skipped", uncertain)
        : this.findings.unverifiable(at, sides, uncertain);
    if (sides.d instanceof Unresolved) return this.findings.unresolved(at, sides, sides.d);
    if (sides.d instanceof Sensitive) this.#unreturned(at, sides.d);
    // If the provider has a default, a zero value was set on purpose.
    const chosen =
      sides.d !== undefined &&
      sides.d !== null &&
      node.info?.default !== undefined &&
      !isNothing(node.info.default, node);
    const unset = isNothing(sides.d, node) && !chosen;
    if (unset && isNothing(sides.r, node) && !(isPresentBlock(sides.d) && !isPresentBlock(sides.r)))
      return this.#switchedOff(at, sides, around)
        ? this.#changed(at, sides)
        : this.findings.trace(at, "equal", "nothing on both sides");
    if (unset && (this.#inherited(at, sides) || this.#filledIn(at, sides, around))) return;
    if (
      node.rule?.absent === true &&
      isNothing(sides.r, node) &&
      node.rule.when(asValue(sides.d), this.#plainBlock(around), this.#whole)
    )
      return this.findings.trace(
        at,
        "equal",
        `absent is the documented default (${node.rule.reason})`,
      );
    switch (shapeOf(node.info, sides)) {
      case "block":
        return this.#single(at, sides);
      case "blocks":
        return this.#blocks(at, sides);
      case "map":
        return this.#collections.map(at, sides, around);
      case "values":
        return this.#values(at, sides);
      case "scalar":
        return this.findings.scalar(at, sides);
    }
  }

  /**
   * Entries of a secret map that no REST call returns: the rest of the map is compared as one
   * value.
   */
  #unreturned(at: Place, secret: Sensitive): void {
    for (const key of Object.keys(objectOf(secret.reveal()) ?? {})) {
      const node = at.node.child(key);
      const place = { node, path: `${at.path}[${key}]` };
      const d = new Sensitive(undefined);
      if (node.unverifiable !== undefined)
        this.findings.unverifiable(
          place,
          { d, p: undefined, s: undefined, r: undefined },
          node.unverifiable,
        );
    }
  }

  /**
   * Values that an earlier deploy gave this element only because another one was at its position,
   * and that the workspace still has.
   */
  #inherited(at: Place, sides: Sides): boolean {
    const { inherited } = this.context;
    if (inherited === undefined) return false;
    let found = false;
    for (const [path, { value, from }] of Object.entries(inherited)) {
      const rest = path.startsWith(at.path) ? path.slice(at.path.length) : undefined;
      if (rest === undefined || (rest !== "" && !rest.startsWith("."))) continue;
      const names = rest.split(".").slice(1);
      const r = names.reduce<Desired | undefined>(
        (side, name) => firstObject(side)?.[name],
        sides.r,
      );
      const node = names.reduce((inner, name) => inner.child(name), at.node);
      if (!isEqual(value as Desired, r, node)) continue;
      const reason = `inherited value: not set in the code, ${from === undefined ? unknownOrigin : `it came from ${from}, which stood at this position`}`;
      const place = { node, path };
      this.findings.add(place, {
        ...this.findings.valuesOf(place, { d: undefined, p: undefined, s: undefined, r }),
        status: "drift",
        reason,
      });
      found = true;
    }
    return found;
  }

  /** Why this object does not return a field. */
  #untold(field: string): string | undefined {
    const refused = this.#unreadable.find(([path]) => covers(path, field));
    if (refused !== undefined) return refused[1];
    return this.context.omitted?.some((path) => covers(path, field)) === true
      ? notAskedReason
      : undefined;
  }

  /**
   * The code sets nothing and the platform may fill in a value: no difference, unless it changed
   * since the deploy. A rule that lists its values is sufficient; a rule that accepts anything, and
   * a field that only the schema marks as computed, also need the state to have the same value.
   */
  #filledIn(at: Place, sides: Sides, around: DesiredObject): boolean {
    const { rule, info } = at.node;
    const kept =
      this.context.fromRecord === true ? this.context.rules.kept?.[at.node.field] : undefined;
    if (kept !== undefined && !isNothing(sides.p, at.node) && isEqual(sides.p, sides.r, at.node)) {
      const reason = `removed from the code, but still in the workspace: ${kept}`;
      this.findings.add(at, {
        ...this.findings.valuesOf(at, { ...sides, d: undefined }),
        status: "pending",
        reason,
      });
      return true;
    }
    const value = rule === undefined ? null : this.#plain(sides.r);
    const byRule = rule?.when(value, this.#plainBlock(around), this.#whole) === true;
    if (!byRule && info?.optionalComputed !== true) return false;
    const isUnchanged = isEqual(sides.s, sides.r, at.node);
    if (isUnchanged && !byRule && this.#knowsTheValues(rule, around)) return false;
    const follows = byRule && rule?.follows?.(value, this.#plainBlock(around)) === true;
    if (
      isUnchanged ||
      follows ||
      (isNothing(sides.s, at.node) && !this.#needsState(info, rule, around))
    ) {
      if (rule?.several === true && (isNothing(sides.s, at.node) || !isUnchanged))
        this.leftOut.set(
          at.node.field,
          `the code does not set it, and several values may come from the platform (${rule.reason})`,
        );
      this.findings.trace(
        at,
        "accepted",
        rule?.reason ?? "the platform fills it in when the code does not set it",
      );
      return true;
    }
    this.#changed(at, sides);
    return true;
  }

  /**
   * The platform had filled in a value, and now returns `false`, 0, "" or an empty block: for a
   * value that the code does not set, that is one.
   */
  #switchedOff({ node }: Place, { p, s, r }: Sides, around: DesiredObject): boolean {
    const { rule, info } = node;
    // The removal of what the deployed code had set is intended.
    if (this.context.fromRecord === true && !isNothing(p, node)) return false;
    if ((rule === undefined && info?.optionalComputed !== true) || isNothing(s, node)) return false;
    if (r !== false && r !== 0 && r !== "" && !isPresentBlock(r)) return false;
    return !(
      this.#knowsTheValues(rule, around) &&
      rule?.when(this.#plain(r), this.#plainBlock(around), this.#whole) === true
    );
  }

  /** A value that the backend filled in at the deploy counts as deployed. */
  #changed(at: Place, sides: Sides): void {
    this.findings.add(at, {
      ...this.findings.valuesOf(at, { ...sides, d: undefined, p: sides.s }),
      status: "drift",
      reason: "not set in the code; the value in the workspace has changed since the deploy",
    });
  }

  /**
   * A rule that lists the platform's values: any other value was set by earlier code, by a list
   * neighbour, or in the workspace. A policy may supply others.
   */
  #knowsTheValues(rule: BackendDefault | undefined, around: DesiredObject): boolean {
    return rule !== undefined && isZero(around.policy_id) && !this.#takesAny(rule, around);
  }

  /** True if the rule accepts any value: then it also accepts one that cannot exist. */
  #takesAny(rule: BackendDefault | undefined, around: DesiredObject): boolean {
    return rule?.when("\u0000no such value", this.#plainBlock(around), this.#whole) === true;
  }

  #needsState(
    info: FieldInfo | undefined,
    rule: BackendDefault | undefined,
    around: DesiredObject,
  ): boolean {
    if (this.context.state === undefined) return false;
    return info?.optionalComputed === true || this.#takesAny(rule, around);
  }

  /** A value of the remote side, for the rules' functions. */
  #plain(value: Desired | undefined): Value {
    return this.plainRemote ? ((value ?? null) as Value) : asValue(value);
  }

  #plainBlock(block: DesiredObject): Attributes {
    return this.plainRemote ? (block as Attributes) : plainOnce(block);
  }

  #single(at: Place, sides: Sides): void {
    const d = firstObject(sides.d);
    const r = firstObject(sides.r);
    this.findings.collapsed(
      at,
      sides,
      d === undefined || r === undefined || isNothing(d, at.node) !== isNothing(r, at.node),
      () => {
        this.block(at, { d, p: firstObject(sides.p), s: firstObject(sides.s), r });
      },
    );
  }

  #blocks(at: Place, sides: Sides): void {
    const { node } = at;
    const key = node.key ?? (node.info?.is === "blockSet" ? "*" : undefined);
    if (key === "*") return this.#collections.set(at, sides);
    const d = byLabel(sides.d, key);
    const s = byLabel(sides.s, key);
    const p = sides.p === sides.s ? s : byLabel(sides.p, key);
    const r = byLabel(sides.r, key);
    const names = [...d.keys()];
    for (const name of r.keys()) if (!d.has(name)) names.push(name);
    for (const name of names) {
      const place = { node, path: `${at.path}[${name}]` };
      const inner: Sides = { d: d.get(name), p: p.get(name), s: s.get(name), r: r.get(name) };
      if (inner.d !== undefined && inner.r !== undefined) this.block(place, inner);
      else if (inner.d === undefined && this.#collections.acceptsElement(node, inner.r))
        this.findings.trace(place, "accepted", node.rule?.reason ?? "");
      else this.findings.differs(place, inner, inner.d === undefined ? "added" : "removed");
    }
  }

  #values(at: Place, sides: Sides): void {
    if (at.node.info?.is === "set" || at.node.key !== undefined)
      return this.#collections.set(at, sides);
    const unresolved = findMarker(sides.d, Unresolved);
    if (unresolved !== undefined) return this.findings.unresolved(at, sides, unresolved);
    this.findings.scalar(at, sides);
  }

  /**
   * Compares a block of the code with one of the state, which also has values set by the platform.
   */
  #meansTheSame(at: Place, desired: Desired | undefined, deployed: Desired | undefined): boolean {
    const [d, r] = [objectOf(desired), objectOf(deployed)];
    if (d === undefined || r === undefined) return false;
    const { fields, rules, remote } = this.context;
    const comparer = new Comparer(
      { fields, rules, desired: d, deployed: undefined, state: undefined, remote },
      false,
    );
    comparer.block(at, { d, p: undefined, s: undefined, r });
    return comparer.findings.list.every(({ status }) => status === "unverifiable");
  }
}
