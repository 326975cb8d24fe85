/**
 * Compares desired, deployed and remote values field by field. The rules of the kind decide which
 * differences to ignore; each decision can be traced (`--explain`).
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
  comparedFields,
  firstObject,
  isPresentBlock,
  noSides,
  objectOf,
  plainOnce,
  shapeOf,
} from "./sides";

/** Fields that only Terraform or the provider uses. They are not part of the object. */
const engineFields = new Set(["id", "timeouts", "provider_config", "api"]);

export function compare(comparison: Comparison): Compared {
  const comparer = new Comparer(
    comparison,
    comparison.plainRemote === true || isPlain(comparison.remote),
  );
  comparer.compareBlock(
    { node: nodeOf(comparison.fields, comparison.rules, ""), path: "" },
    comparison,
  );
  return {
    findings: comparer.findings.list,
    unreadFields: [...comparer.unreadFields],
    excludedFields: comparer.excludedFields,
  };
}

const unknownOriginNote =
  "Terraform keeps a value from an earlier element at this position or from the workspace; set the field in the code";

class Comparer {
  readonly findings: Findings;
  readonly unreadFields: Set<string>;
  readonly excludedFields = new Map<string, string>();

  readonly #collections: Collections;
  readonly #unreadable: readonly (readonly [string, string])[];

  /**
   * @param plainRemote true if the remote values contain no markers (Sensitive, Unresolved), so
   * rules can receive them unchanged
   */
  constructor(
    private readonly context: Comparison,
    private readonly plainRemote: boolean,
  ) {
    this.findings = new Findings(context, (position, desired, deployed) =>
      this.#isEquivalent(position, desired, deployed),
    );
    this.#collections = new Collections(context, this.findings, () => this.#remoteObject);
    this.unreadFields = new Set(
      context.omitted?.filter((field) => context.rules.configOnly[field] === undefined),
    );
    this.#unreadable = Object.entries(context.unreadable ?? {});
  }

  /** The remote object for the rules' functions, created on demand. */
  get #remoteObject(): Attributes {
    return plainOnce(this.context.remote);
  }

  compareBlock(position: FieldPosition, sides: Sides): void {
    const { node } = position;
    const desired = objectOf(sides.desired);
    const deployed = objectOf(sides.deployed);
    const state = objectOf(sides.state);
    const remote = objectOf(sides.remote);
    const parentBlock = remote ?? {};
    const fields = comparedFields(node, desired, remote, this.context.trace !== undefined);
    for (const name of fields) {
      if (position.path === "" && engineFields.has(name)) continue;
      const field = node.child(name);
      if (this.#isSame(field, desired?.[name], remote?.[name])) continue;
      // Inside a block that the code sets, the provider's defaults count as set by the code.
      const fallback = desired === undefined ? undefined : field.info?.default;
      const path = position.path === "" ? name : `${position.path}.${name}`;
      const fieldSides = {
        desired: desired === undefined ? undefined : (desired[name] ?? fallback),
        deployed: deployed === undefined ? undefined : (deployed[name] ?? fallback),
        // Resources of the plugin framework store the platform's choice in `effective_<name>`.
        state: state?.[name] ?? state?.[`effective_${name}`],
        remote: remote?.[name],
      };
      this.#compareField({ node: field, path }, fieldSides, parentBlock);
    }
  }

  /** Shortcut for {@link #compareField}: true if both sides have the same non-zero scalar. */
  #isSame(node: FieldNode, desired: Desired | undefined, remote: Desired | undefined): boolean {
    return (
      desired === remote &&
      typeof desired !== "object" &&
      Boolean(desired) &&
      node.isComparedScalar &&
      this.context.trace === undefined &&
      this.#unreadReason(node.field) === undefined
    );
  }

  #compareField(position: FieldPosition, sides: Sides, parentBlock: DesiredObject): void {
    const { node } = position;
    if (node.skipReason !== undefined) {
      const configOnlyReason = this.context.rules.configOnly[node.field];
      if (configOnlyReason !== undefined && !isNothing(sides.desired, node))
        this.excludedFields.set(node.field, configOnlyReason);
      return this.findings.trace(position, "skipped", node.skipReason);
    }
    const unverifiableReason = node.unverifiableReason ?? this.#unreadReason(node.field);
    if (unverifiableReason !== undefined)
      return isNothing(sides.desired, node)
        ? this.findings.trace(position, "skipped", unverifiableReason)
        : this.findings.reportUnverifiable(position, sides, unverifiableReason);
    if (sides.desired instanceof Unresolved)
      return this.findings.reportUnresolved(position, sides, sides.desired);
    if (sides.desired instanceof Sensitive) this.#reportUnreturned(position, sides.desired);
    // If the provider has a default, a zero value was set on purpose.
    const isSetOnPurpose =
      sides.desired !== undefined &&
      sides.desired !== null &&
      node.info?.default !== undefined &&
      !isNothing(node.info.default, node);
    const isUnset = isNothing(sides.desired, node) && !isSetOnPurpose;
    if (
      isUnset &&
      isNothing(sides.remote, node) &&
      !(isPresentBlock(sides.desired) && !isPresentBlock(sides.remote))
    )
      return this.#isSwitchedOff(position, sides, parentBlock)
        ? this.#reportChange(position, sides)
        : this.findings.trace(position, "equal", "nothing on both sides");
    if (
      isUnset &&
      (this.#reportInherited(position, sides) ||
        this.#handleUnsetField(position, sides, parentBlock))
    )
      return;
    if (
      node.backendDefault?.absentIsDefault === true &&
      isNothing(sides.remote, node) &&
      node.backendDefault.when(
        asValue(sides.desired),
        this.#plainBlock(parentBlock),
        this.#remoteObject,
      )
    )
      return this.findings.trace(
        position,
        "equal",
        `absent is the documented default (${node.backendDefault.reason})`,
      );
    switch (shapeOf(node.info, sides)) {
      case "block":
        return this.#compareSingleBlock(position, sides);
      case "blocks":
        return this.#compareBlocks(position, sides);
      case "map":
        return this.#collections.compareMap(position, sides, parentBlock);
      case "values":
        return this.#compareValues(position, sides);
      case "scalar":
        return this.findings.compareScalar(position, sides);
    }
  }

  /**
   * Reports the entries of a secret map that no REST call returns as unverifiable. The other
   * entries are compared as one value.
   */
  #reportUnreturned(position: FieldPosition, secret: Sensitive): void {
    for (const key of Object.keys(objectOf(secret.reveal()) ?? {})) {
      const node = position.node.child(key);
      const childPosition = { node, path: `${position.path}[${key}]` };
      const sides = { ...noSides, desired: new Sensitive(undefined) };
      if (node.unverifiableReason !== undefined)
        this.findings.reportUnverifiable(childPosition, sides, node.unverifiableReason);
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
      const remote = names.reduce<Desired | undefined>(
        (side, name) => firstObject(side)?.[name],
        sides.remote,
      );
      const node = names.reduce((inner, name) => inner.child(name), position.node);
      if (!isEqual(value as Desired, remote, node)) continue;
      const reason = `inherited value: not set in the code; ${from === undefined ? unknownOriginNote : `it comes from ${from}, which was previously at this position`}`;
      const childPosition = { node, path };
      this.findings.add(childPosition, {
        ...this.findings.valuesOf(childPosition, { ...noSides, remote }),
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
   * Handles a field that the code does not set: a value that the platform may have filled in is not
   * a difference, unless it has changed since the deploy. If the rule lists its values, a match is
   * enough. If the rule accepts any value, or only the schema marks the field as computed, the
   * state must have the same value.
   * @returns true if the field needs no further comparison
   */
  #handleUnsetField(position: FieldPosition, sides: Sides, parentBlock: DesiredObject): boolean {
    const { backendDefault: rule, info } = position.node;
    const keptReason =
      this.context.fromRecord === true
        ? this.context.rules.cannotClear?.[position.node.field]
        : undefined;
    if (
      keptReason !== undefined &&
      !isNothing(sides.deployed, position.node) &&
      isEqual(sides.deployed, sides.remote, position.node)
    ) {
      const reason = `removed from the code, but still in the workspace: ${keptReason}`;
      this.findings.add(position, {
        ...this.findings.valuesOf(position, { ...sides, desired: undefined }),
        status: "pending",
        reason,
      });
      return true;
    }
    const value = rule === undefined ? null : this.#plain(sides.remote);
    const isAcceptedByRule =
      rule?.when(value, this.#plainBlock(parentBlock), this.#remoteObject) === true;
    if (!isAcceptedByRule && info?.optionalComputed !== true) return false;
    const isUnchanged = isEqual(sides.state, sides.remote, position.node);
    if (isUnchanged && !isAcceptedByRule && this.#listsValues(rule, parentBlock)) return false;
    const followsOtherFields =
      isAcceptedByRule && rule?.follows?.(value, this.#plainBlock(parentBlock)) === true;
    if (
      isUnchanged ||
      followsOtherFields ||
      (isNothing(sides.state, position.node) && !this.#needsState(info, rule, parentBlock))
    ) {
      if (rule?.acceptsSeveral === true && (isNothing(sides.state, position.node) || !isUnchanged))
        this.excludedFields.set(
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
   * True if the platform had filled in a value and now returns `false`, 0, "" or an empty block.
   * For a field that the code does not set, this is a change.
   */
  #isSwitchedOff(
    { node }: FieldPosition,
    { deployed, state, remote }: Sides,
    parentBlock: DesiredObject,
  ): boolean {
    const { backendDefault: rule, info } = node;
    // The deployed code set this value and the current code does not, so the removal is intended.
    if (this.context.fromRecord === true && !isNothing(deployed, node)) return false;
    if ((rule === undefined && info?.optionalComputed !== true) || isNothing(state, node))
      return false;
    if (remote !== false && remote !== 0 && remote !== "" && !isPresentBlock(remote)) return false;
    return !(
      this.#listsValues(rule, parentBlock) &&
      rule?.when(this.#plain(remote), this.#plainBlock(parentBlock), this.#remoteObject) === true
    );
  }

  /** Reports a change of a value that the platform had filled in at the deploy. */
  #reportChange(position: FieldPosition, sides: Sides): void {
    this.findings.add(position, {
      ...this.findings.valuesOf(position, { ...sides, desired: undefined, deployed: sides.state }),
      status: "drift",
      reason: "not set in the code; the value in the workspace has changed since the deploy",
    });
  }

  /**
   * True if the rule lists the platform's values: any other value was set by earlier code,
   * inherited from another list element, or set in the workspace. False if a cluster policy
   * applies, because it may supply other values.
   */
  #listsValues(rule: BackendDefault | undefined, parentBlock: DesiredObject): boolean {
    return (
      rule !== undefined && isZero(parentBlock.policy_id) && !this.#acceptsAny(rule, parentBlock)
    );
  }

  /** True if the rule accepts any value. Tested with a value that cannot exist. */
  #acceptsAny(rule: BackendDefault | undefined, parentBlock: DesiredObject): boolean {
    return (
      rule?.when("\u0000no such value", this.#plainBlock(parentBlock), this.#remoteObject) === true
    );
  }

  /** True if a value that a rule accepts, but does not list, must also be in the state. */
  #needsState(
    info: FieldInfo | undefined,
    rule: BackendDefault | undefined,
    parentBlock: DesiredObject,
  ): boolean {
    if (this.context.state === undefined) return false;
    return info?.optionalComputed === true || this.#acceptsAny(rule, parentBlock);
  }

  /** Returns a remote value without markers, for the rules' functions. */
  #plain(value: Desired | undefined): Value {
    return this.plainRemote ? ((value ?? null) as Value) : asValue(value);
  }

  #plainBlock(block: DesiredObject): Attributes {
    return this.plainRemote ? (block as Attributes) : plainOnce(block);
  }

  #compareSingleBlock(position: FieldPosition, sides: Sides): void {
    const [desired, remote] = [firstObject(sides.desired), firstObject(sides.remote)];
    this.findings.reportWholeOrCompare(position, sides, {
      isOneSided:
        desired === undefined ||
        remote === undefined ||
        isNothing(desired, position.node) !== isNothing(remote, position.node),
      compareBlock: () =>
        this.compareBlock(position, {
          desired,
          deployed: firstObject(sides.deployed),
          state: firstObject(sides.state),
          remote,
        }),
    });
  }

  #compareBlocks(position: FieldPosition, sides: Sides): void {
    const { node } = position;
    const key = node.key ?? (node.info?.is === "blockSet" ? "*" : undefined);
    if (key === "*") return this.#collections.compareSet(position, sides);
    const desired = byLabel(sides.desired, key);
    const state = byLabel(sides.state, key);
    const deployed = sides.deployed === sides.state ? state : byLabel(sides.deployed, key);
    const remote = byLabel(sides.remote, key);
    const names = [...desired.keys()];
    for (const name of remote.keys()) if (!desired.has(name)) names.push(name);
    for (const name of names) {
      const childPosition = { node, path: `${position.path}[${name}]` };
      const inner: Sides = {
        desired: desired.get(name),
        deployed: deployed.get(name),
        state: state.get(name),
        remote: remote.get(name),
      };
      if (inner.desired !== undefined && inner.remote !== undefined)
        this.compareBlock(childPosition, inner);
      else if (inner.desired === undefined && this.#collections.acceptsElement(node, inner.remote))
        this.findings.trace(childPosition, "accepted", node.backendDefault?.reason ?? "");
      else
        this.findings.reportDifference(
          childPosition,
          inner,
          inner.desired === undefined ? "added" : "removed",
        );
    }
  }

  #compareValues(position: FieldPosition, sides: Sides): void {
    if (position.node.info?.is === "set" || position.node.key !== undefined)
      return this.#collections.compareSet(position, sides);
    const unresolved = findMarker(sides.desired, Unresolved);
    if (unresolved !== undefined)
      return this.findings.reportUnresolved(position, sides, unresolved);
    this.findings.compareScalar(position, sides);
  }

  /**
   * True if a block of the code is equivalent to one of the state, which also has values set by the
   * platform.
   */
  #isEquivalent(
    position: FieldPosition,
    desired: Desired | undefined,
    deployed: Desired | undefined,
  ): boolean {
    const [desiredBlock, deployedBlock] = [objectOf(desired), objectOf(deployed)];
    if (desiredBlock === undefined || deployedBlock === undefined) return false;
    const { fields, rules, remote } = this.context;
    const comparer = new Comparer(
      { fields, rules, ...noSides, desired: desiredBlock, remote },
      false,
    );
    comparer.compareBlock(position, { ...noSides, desired: desiredBlock, remote: deployedBlock });
    return comparer.findings.list.every(({ status }) => status === "unverifiable");
  }
}
