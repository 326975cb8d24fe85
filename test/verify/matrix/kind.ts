/**
 * What the matrix of changes needs to know about a kind, and the changes that it derives from that.
 * The facts are written from the documentation of the REST API, never from the kind's file.
 */
import type { Lab } from "../harness";
import {
  anyValue,
  blockFor,
  fieldTree,
  leaves,
  type FieldNode,
  type Json,
  type Values,
} from "./fields";

export type Config = Record<string, Json>;
export type Variant = "changed" | "added" | "removed" | "reordered";
/**
 * The deployed value and the manually changed value. If the first is also what the platform sets for
 * a missing value, the third is the deployed value of the variant "removed".
 */
export type Pair = readonly [Json, Json, Json?];

/** One change in the workspace: the deployed and the changed configuration. */
export interface Case {
  readonly field: string;
  readonly variant: Variant;
  readonly name: string;
  readonly before: Config;
  readonly after: Config;
}

export interface MatrixKind {
  readonly type: string;
  /** The values of the fields whose path is, or ends with, the key. */
  readonly values: Readonly<Record<string, Pair>>;
  /** Fields that are not in the matrix, with the reason. */
  readonly outside: readonly (readonly [RegExp, string])[];
  /** Fields that cannot be added or removed alone, only changed, with the reason. */
  readonly onlyChanged?: readonly (readonly [RegExp, string])[];
  /**
   * Fields that can be set only on a new object, so that healing does not write them, with the
   * reason.
   */
  readonly notHealed?: readonly (readonly [RegExp, string])[];
  /** Fields that cannot be added alone, with the reason. */
  readonly notAdded?: readonly (readonly [RegExp, string])[];
  /** By field: the other field that its change also changes. */
  readonly together?: Readonly<Record<string, string>>;
  /** Lists with a significant order, with the reason. */
  readonly ordered?: readonly (readonly [RegExp, string])[];
  /** The field of the finding if it differs from the changed field (the bytes of a file). */
  readonly findingField?: Readonly<Record<string, string>>;
  /**
   * The result of a change: a replaced object is missing and unmanaged, not drift.
   * @default "drift"
   */
  readonly outcome?: "drift" | "missing";
  /** Whether changes are tested one after the other, since a workspace can have only one object. */
  readonly alone?: boolean;
  /** Adds the fields that the API requires together with a field; undefined for kinds with `cases`. */
  complete(config: Config, leaf: Pick<FieldNode, "path">, name: string): Config | undefined;
  /** The changes, if they consist of more than one field each. */
  cases?(): readonly Case[];
  /** Creates the prerequisites, and inserts their ids. */
  prepare?(lab: Lab, testCase: Case): Promise<void>;
  /** Overwrites the object with the complete configuration, like a manual edit. */
  write(lab: Lab, id: string, config: Config, from: Config): Promise<void>;
  /** Returns the object as REST returns it. */
  readRemote(lab: Lab, id: string, config: Config): Promise<unknown>;
}

/** Terraform's own fields, of any kind. */
const terraformFields: readonly (readonly [RegExp, string])[] = [
  [/^id$/, "the id in the state"],
  [/(^|\.)timeouts\./, "Terraform's own waiting times"],
  [/(^|\.)provider_config\./, "selects the workspace, not the object"],
];

export function valuesOf(kind: MatrixKind): Values {
  return (node, variant) => {
    const pair = pairOf(kind, node);
    return pair === undefined ? anyValue(node, variant) : pair[variant === "a" ? 0 : 1];
  };
}

function pairOf(kind: MatrixKind, node: FieldNode): Pair | undefined {
  return Object.entries(kind.values).find(
    ([ending]) => node.path === ending || node.path.endsWith(`.${ending}`),
  )?.[1];
}

const removedValue = (kind: MatrixKind, node: FieldNode): Json | undefined =>
  pairOf(kind, node)?.[2];

function reasonIn(
  reasons: readonly (readonly [RegExp, string])[] | undefined,
  path: string,
): string | undefined {
  return reasons?.find(([pattern]) => pattern.test(path))?.[1];
}

/** Returns the reason why a field is not in the matrix. */
export function reasonOutside(kind: MatrixKind, leaf: FieldNode): string | undefined {
  if (leaf.computedOnly) return "computed by the platform";
  return reasonIn(terraformFields, leaf.path) ?? reasonIn(kind.outside, leaf.path);
}

export function reasonOnlyChanged(kind: MatrixKind, leaf: FieldNode): string | undefined {
  return reasonIn(kind.onlyChanged, leaf.path);
}

/**
 * Returns the reason why healing does not write a field, for example that it is only set when the
 * object is created.
 */
export function reasonNotHealed(kind: MatrixKind, path: string): string | undefined {
  return reasonIn(kind.notHealed, path);
}

/** Returns a configuration in which the field has this value, or is not set. */
export function configWith(
  kind: MatrixKind,
  leaf: FieldNode,
  value: Json | undefined,
  name: string,
): Config | undefined {
  return kind.complete(blockFor(fieldTree(kind.type), leaf, value, valuesOf(kind)), leaf, name);
}

/** Returns every change that the matrix makes to a kind. */
export function casesOf(kind: MatrixKind): readonly Case[] {
  return kind.cases?.() ?? [...fieldCases(kind), ...orderCases(kind)];
}

function fieldCases(kind: MatrixKind): Case[] {
  const values = valuesOf(kind);
  return leaves(fieldTree(kind.type)).flatMap((leaf, index) => {
    if (reasonOutside(kind, leaf) !== undefined) return [];
    const [a, b] = [values(leaf, "a"), values(leaf, "b")];
    const isOnlyChanged = leaf.required || reasonOnlyChanged(kind, leaf) !== undefined;
    const variants: [Variant, Json | undefined, Json | undefined, boolean][] = [
      [
        "changed",
        a,
        b,
        (leaf.type !== "bool" || leaf.required) && JSON.stringify(a) !== JSON.stringify(b),
      ],
      ["added", undefined, b, !isOnlyChanged && reasonIn(kind.notAdded, leaf.path) === undefined],
      // A field with a default is never removed: a configuration without a value has the default.
      [
        "removed",
        leaf.type === "bool" ? true : (removedValue(kind, leaf) ?? a),
        undefined,
        !isOnlyChanged && !leaf.hasDefault,
      ],
    ];
    return variants.flatMap(([variant, valueBefore, valueAfter, isPossible]) => {
      const name = `m${index}-${variant}`;
      const [before, after] = isPossible
        ? [configWith(kind, leaf, valueBefore, name), configWith(kind, leaf, valueAfter, name)]
        : [];
      return before === undefined || after === undefined
        ? []
        : [{ field: leaf.path, variant, name, before, after }];
    });
  });
}

/** Returns the fields that are lists: blocks that can occur several times, or lists of strings. */
function listsOf(nodes: readonly FieldNode[]): FieldNode[] {
  return nodes.flatMap((node) => {
    const isList = node.type === undefined ? !node.single : /^(list|set)/.test(node.type);
    return [...(isList ? [node] : []), ...listsOf(node.children)];
  });
}

/** Returns the leaf in which the elements of a list differ. */
function findDistinguishingLeaf(kind: MatrixKind, list: FieldNode): FieldNode | undefined {
  if (list.type !== undefined) return list;
  const inside = leaves(list.children).filter(
    (leaf) => reasonOutside(kind, leaf) === undefined && leaf.type !== "bool",
  );
  const required = inside.filter((leaf) => leaf.required);
  return required.find(({ name }) => /key$|^name$/.test(name)) ?? required[0] ?? inside[0];
}

export function reasonOrdered(kind: MatrixKind, path: string): string | undefined {
  return reasonIn(kind.ordered, path);
}

function orderCases(kind: MatrixKind): Case[] {
  const values = valuesOf(kind);
  return listsOf(fieldTree(kind.type)).flatMap((list, index): Case[] => {
    const leaf = findDistinguishingLeaf(kind, list);
    if (
      leaf === undefined ||
      reasonOutside(kind, leaf) !== undefined ||
      reasonOrdered(kind, list.path) !== undefined
    )
      return [];
    const name = `o${index}`;
    const [a, b] = [values(leaf, "a"), values(leaf, "b")];
    if (list.type !== undefined) {
      const elements = [...(a as Json[]), ...(b as Json[])];
      const [before, after] = [
        configWith(kind, leaf, elements, name),
        configWith(kind, leaf, [...elements].reverse(), name),
      ];
      return before === undefined || after === undefined
        ? []
        : [{ field: list.path, variant: "reordered", name, before, after }];
    }
    const [first, second] = [configWith(kind, leaf, a, name), configWith(kind, leaf, b, name)];
    if (first === undefined || second === undefined) return [];
    const [before, after] = [
      mergeLists(first, second, list.path.split("."), false),
      mergeLists(first, second, list.path.split("."), true),
    ];
    return [{ field: list.path, variant: "reordered", name, before, after }];
  });
}

/** Merges the list at a path of two configurations. */
function mergeLists(
  entry: Config,
  second: Config,
  [step = "", ...rest]: readonly string[],
  reversed: boolean,
): Config {
  const [ownBlocks, otherBlocks] = [entry[step], second[step]] as [
    Config[] | undefined,
    Config[] | undefined,
  ];
  if (ownBlocks === undefined || otherBlocks === undefined) return entry;
  if (rest.length > 0)
    return {
      ...entry,
      [step]: ownBlocks.map((item, index) =>
        mergeLists(item, otherBlocks[index] ?? item, rest, reversed),
      ),
    };
  const isOnBothSides = (item: Config): boolean =>
    otherBlocks.some((other) => JSON.stringify(other) === JSON.stringify(item));
  const all = [...ownBlocks.filter((item) => !isOnBothSides(item)), ...otherBlocks];
  return { ...entry, [step]: reversed ? all.reverse() : all };
}

/**
 * Converts a configuration to a REST request, with single blocks as objects.
 * @param rename field names that differ in REST
 */
export function wireOf(
  kind: MatrixKind,
  config: Config,
  rename: (path: string, name: string) => string = (_, name) => name,
): Config {
  const walk = (nodes: readonly FieldNode[], block: Config): Config => {
    const request: Config = {};
    for (const [name, value] of Object.entries(block)) {
      const node = nodes.find((node) => node.name === name);
      const wire = rename(node?.path ?? name, name);
      if (node === undefined || node.type !== undefined) request[wire] = value;
      else {
        const items = (value as Config[]).map((item) => walk(node.children, item));
        request[wire] = node.single ? (items[0] ?? {}) : items;
      }
    }
    return request;
  };
  return walk(fieldTree(kind.type), config);
}

export const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** Returns a field of a configuration as text; empty if it is neither a string nor a number. */
export function textIn(config: Config, field: string): string {
  const value = config[field];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
