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
  notReadReason,
  type Compared,
  type Comparison,
  type FieldPosition,
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
  writtenFields,
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
    unreadFields: [...comparer.notAsked],
    excludedFields: comparer.leftOut,
  };
}

const unknownOriginNote =
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
    this.findings = new Findings(context, (position, desired, deployed) =>
      this.#isEquivalent(position, desired, deployed),
    );
    this.#collections = new Collections(context, this.findings, () => this.#remoteObject);
    this.notAsked = new Set(
      context.omitted?.filter((field) => context.rules.configOnly[field] === undefined),
    );
    this.#unreadable = Object.entries(context.unreadable ?? {});
  }

  /** The remote object for the rules' functions, created on demand. */
  get #remoteObject(): Attributes {
    return plainOnce(this.context.remote);
  }

  block(position: FieldPosition, sides: Sides): void {
    const { node } = position;
    const d = objectOf(sides.d);
    const p = objectOf(sides.p);
    const s = objectOf(sides.s);
    const r = objectOf(sides.r);
    const parentBlock = r ?? {};
    for (const name of this.#names(node, d, r)) {
      if (position.path === "" && engineFields.has(name)) continue;
      const field = node.child(name);
      if (this.#isSame(field, d?.[name], r?.[name])) continue;
      // A provider default counts as configured if its block is.
      const fallback = d === undefined ? undefined : field.info?.default;
      this.#compareField({ node: field, path: position.path === "" ? name : `${position.path}.${name}` }, {
        d: d === undefined ? undefined : (d[name] ?? fallback),
        p: p === undefined ? undefined : (p[name] ?? fallback),
        // The newer framework has a field of its own for what the platform chose.
        s: s?.[name] ?? s?.[`effective_${name}`],
        r: r?.[name],
      }, parentBlock); // prettier-ignore
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
      this.#unreadReason(node.field) === undefined
    );
  }

  /** The fields to compare: a field that is empty on both sides is included only for tracing. */
  #names(
    node: FieldNode,
    d: DesiredObject | undefined,
    r: DesiredObject | undefined,
  ): Iterable<string> {
    const names = writtenFields(d);
    for (const name of writtenFields(r))
      if (d === undefined || !isWritten(d[name])) names.push(name);
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

  #compareField(position: FieldPosition, sides: Sides, parentBlock: DesiredObject): void {
    const { node } = position;
    if (node.skip !== undefined) {
      const configured = this.context.rules.configOnly[node.field];
      if (configured !== undefined && !isNothing(sides.d, node))
        this.leftOut.set(node.field, configured);
      return this.findings.trace(position, "skipped", node.skip);
    }
    const unverifiableReason = node.unverifiable ?? this.#unreadReason(node.field);
    if (unverifiableReason !== undefined)
      return isNothing(sides.d, node)
        ? this.findings.trace(position, "skipped", unverifiableReason)
        : this.findings.unverifiable(position, sides, unverifiableReason);
    if (sides.d instanceof Unresolved) return this.findings.unresolved(position, sides, sides.d);
    if (sides.d instanceof Sensitive) this.#reportUnreturned(position, sides.d);
    // If the provider has a default, a zero value was set on purpose.
    const isSetOnPurpose =
      sides.d !== undefined &&
      sides.d !== null &&
      node.info?.default !== undefined &&
      !isNothing(node.info.default, node);
    const isUnset = isNothing(sides.d, node) && !isSetOnPurpose;
    if (
      isUnset &&
      isNothing(sides.r, node) &&
      !(isPresentBlock(sides.d) && !isPresentBlock(sides.r))
    )
      return this.#isSwitchedOff(position, sides, parentBlock)
        ? this.#reportChange(position, sides)
        : this.findings.trace(position, "equal", "nothing on both sides");
    if (
      isUnset &&
      (this.#reportInherited(position, sides) ||
        this.#acceptsFilledIn(position, sides, parentBlock))
    )
      return;
    if (
      node.rule?.absentIsDefault === true &&
      isNothing(sides.r, node) &&
      node.rule.when(asValue(sides.d), this.#plainBlock(parentBlock), this.#remoteObject)
    )
      return this.findings.trace(
        position,
        "equal",
        `absent is the documented default (${node.rule.reason})`,
      );
    switch (shapeOf(node.info, sides)) {
      case "block":
        return this.#singleBlock(position, sides);
      case "blocks":
        return this.#blocks(position, sides);
      case "map":
        return this.#collections.map(position, sides, parentBlock);
      case "values":
        return this.#values(position, sides);
      case "scalar":
        return this.findings.scalar(position, sides);
    }
  }

  /**
   * Entries of a secret map that no REST call returns: the rest of the map is compared as one
   * value.
   */
  #reportUnreturned(position: FieldPosition, secret: Sensitive): void {
    for (const key of Object.keys(objectOf(secret.reveal()) ?? {})) {
      const node = position.node.child(key);
      const childPlace = { node, path: `${position.path}[${key}]` };
      const d = new Sensitive(undefined);
      if (node.unverifiable !== undefined)
        this.findings.unverifiable(
          childPlace,
          { d, p: undefined, s: undefined, r: undefined },
          node.unverifiable,
        );
    }
  }

  /**
   * Reports values that an earlier deploy gave this element only because another one was at its
   * position, and that the workspace still has.
   */
  #reportInherited(position: FieldPosition, sides: Sides): boolean {
    const { inherited } = this.context;
    if (inherited === undefined) return false;
    let hasInherited = false;
    for (const [path, { value, from }] of Object.entries(inherited)) {
      const relativePath = path.startsWith(position.path)
        ? path.slice(position.path.length)
        : undefined;
      if (relativePath === undefined || (relativePath !== "" && !relativePath.startsWith(".")))
        continue;
      const names = relativePath.split(".").slice(1);
      const r = names.reduce<Desired | undefined>(
        (side, name) => firstObject(side)?.[name],
        sides.r,
      );
      const node = names.reduce((inner, name) => inner.child(name), position.node);
      if (!isEqual(value as Desired, r, node)) continue;
      const reason = `inherited value: not set in the code, ${from === undefined ? unknownOriginNote : `it came from ${from}, which stood at this position`}`;
      const childPlace = { node, path };
      this.findings.add(childPlace, {
        ...this.findings.valuesOf(childPlace, { d: undefined, p: undefined, s: undefined, r }),
        status: "drift",
        reason,
      });
      hasInherited = true;
    }
    return hasInherited;
  }

  /** Why this object does not return a field. */
  #unreadReason(field: string): string | undefined {
    const refusal = this.#unreadable.find(([path]) => covers(path, field));
    if (refusal !== undefined) return refusal[1];
    return this.context.omitted?.some((path) => covers(path, field)) === true
      ? notReadReason
      : undefined;
  }

  /**
   * The code sets nothing and the platform may fill in a value: no difference, unless it changed
   * since the deploy. A rule that lists its values is sufficient; a rule that accepts anything, and
   * a field that only the schema marks as computed, also need the state to have the same value.
   */
  #acceptsFilledIn(position: FieldPosition, sides: Sides, parentBlock: DesiredObject): boolean {
    const { rule, info } = position.node;
    const keptReason =
      this.context.fromRecord === true
        ? this.context.rules.cannotClear?.[position.node.field]
        : undefined;
    if (
      keptReason !== undefined &&
      !isNothing(sides.p, position.node) &&
      isEqual(sides.p, sides.r, position.node)
    ) {
      const reason = `removed from the code, but still in the workspace: ${keptReason}`;
      this.findings.add(position, {
        ...this.findings.valuesOf(position, { ...sides, d: undefined }),
        status: "pending",
        reason,
      });
      return true;
    }
    const value = rule === undefined ? null : this.#plain(sides.r);
    const isAcceptedByRule =
      rule?.when(value, this.#plainBlock(parentBlock), this.#remoteObject) === true;
    if (!isAcceptedByRule && info?.optionalComputed !== true) return false;
    const isUnchanged = isEqual(sides.s, sides.r, position.node);
    if (isUnchanged && !isAcceptedByRule && this.#listsValues(rule, parentBlock)) return false;
    const followsOtherFields =
      isAcceptedByRule && rule?.follows?.(value, this.#plainBlock(parentBlock)) === true;
    if (
      isUnchanged ||
      followsOtherFields ||
      (isNothing(sides.s, position.node) && !this.#needsState(info, rule, parentBlock))
    ) {
      if (rule?.acceptsSeveral === true && (isNothing(sides.s, position.node) || !isUnchanged))
        this.leftOut.set(
          position.node.field,
          `the code does not set it, and several values may come from the platform (${rule.reason})`,
        );
      this.findings.trace(
        position,
        "accepted",
        rule?.reason ?? "the platform fills it in when the code does not set it",
      );
      return true;
    }
    this.#reportChange(position, sides);
    return true;
  }

  /**
   * True if the platform had filled in a value and now returns `false`, 0, "" or an empty block. For
   * a field that the code does not set, this is a change.
   */
  #isSwitchedOff({ node }: FieldPosition, { p, s, r }: Sides, parentBlock: DesiredObject): boolean {
    const { rule, info } = node;
    // The removal of what the deployed code had set is intended.
    if (this.context.fromRecord === true && !isNothing(p, node)) return false;
    if ((rule === undefined && info?.optionalComputed !== true) || isNothing(s, node)) return false;
    if (r !== false && r !== 0 && r !== "" && !isPresentBlock(r)) return false;
    return !(
      this.#listsValues(rule, parentBlock) &&
      rule?.when(this.#plain(r), this.#plainBlock(parentBlock), this.#remoteObject) === true
    );
  }

  /** A value that the backend filled in at the deploy counts as deployed. */
  #reportChange(position: FieldPosition, sides: Sides): void {
    this.findings.add(position, {
      ...this.findings.valuesOf(position, { ...sides, d: undefined, p: sides.s }),
      status: "drift",
      reason: "not set in the code; the value in the workspace has changed since the deploy",
    });
  }

  /**
   * True if the rule lists the platform's values: any other value was set by earlier code, by a list
   * neighbour, or in the workspace. A policy may supply others.
   */
  #listsValues(rule: BackendDefault | undefined, parentBlock: DesiredObject): boolean {
    return (
      rule !== undefined && isZero(parentBlock.policy_id) && !this.#acceptsAny(rule, parentBlock)
    );
  }

  /** True if the rule accepts any value: then it also accepts one that cannot exist. */
  #acceptsAny(rule: BackendDefault | undefined, parentBlock: DesiredObject): boolean {
    return (
      rule?.when("\u0000no such value", this.#plainBlock(parentBlock), this.#remoteObject) === true
    );
  }

  #needsState(
    info: FieldInfo | undefined,
    rule: BackendDefault | undefined,
    parentBlock: DesiredObject,
  ): boolean {
    if (this.context.state === undefined) return false;
    return info?.optionalComputed === true || this.#acceptsAny(rule, parentBlock);
  }

  /** A value of the remote side, for the rules' functions. */
  #plain(value: Desired | undefined): Value {
    return this.plainRemote ? ((value ?? null) as Value) : asValue(value);
  }

  #plainBlock(block: DesiredObject): Attributes {
    return this.plainRemote ? (block as Attributes) : plainOnce(block);
  }

  #singleBlock(position: FieldPosition, sides: Sides): void {
    const d = firstObject(sides.d);
    const r = firstObject(sides.r);
    this.findings.collapsed(
      position,
      sides,
      d === undefined ||
        r === undefined ||
        isNothing(d, position.node) !== isNothing(r, position.node),
      () => {
        this.block(position, { d, p: firstObject(sides.p), s: firstObject(sides.s), r });
      },
    );
  }

  #blocks(position: FieldPosition, sides: Sides): void {
    const { node } = position;
    const key = node.key ?? (node.info?.is === "blockSet" ? "*" : undefined);
    if (key === "*") return this.#collections.set(position, sides);
    const d = byLabel(sides.d, key);
    const s = byLabel(sides.s, key);
    const p = sides.p === sides.s ? s : byLabel(sides.p, key);
    const r = byLabel(sides.r, key);
    const names = [...d.keys()];
    for (const name of r.keys()) if (!d.has(name)) names.push(name);
    for (const name of names) {
      const childPlace = { node, path: `${position.path}[${name}]` };
      const inner: Sides = { d: d.get(name), p: p.get(name), s: s.get(name), r: r.get(name) };
      if (inner.d !== undefined && inner.r !== undefined) this.block(childPlace, inner);
      else if (inner.d === undefined && this.#collections.acceptsElement(node, inner.r))
        this.findings.trace(childPlace, "accepted", node.rule?.reason ?? "");
      else this.findings.differs(childPlace, inner, inner.d === undefined ? "added" : "removed");
    }
  }

  #values(position: FieldPosition, sides: Sides): void {
    if (position.node.info?.is === "set" || position.node.key !== undefined)
      return this.#collections.set(position, sides);
    const unresolved = findMarker(sides.d, Unresolved);
    if (unresolved !== undefined) return this.findings.unresolved(position, sides, unresolved);
    this.findings.scalar(position, sides);
  }

  /**
   * Compares a block of the code with one of the state, which also has values set by the platform.
   */
  #isEquivalent(
    position: FieldPosition,
    desired: Desired | undefined,
    deployed: Desired | undefined,
  ): boolean {
    const [d, r] = [objectOf(desired), objectOf(deployed)];
    if (d === undefined || r === undefined) return false;
    const { fields, rules, remote } = this.context;
    const comparer = new Comparer(
      { fields, rules, desired: d, deployed: undefined, state: undefined, remote },
      false,
    );
    comparer.block(position, { d, p: undefined, s: undefined, r });
    return comparer.findings.list.every(({ status }) => status === "unverifiable");
  }
}
