import type { ResourceChange, ResourceGraph, StackReview } from "../model";
import { withoutKey } from "../../terraform/references";
import type { ResourceDrawing } from "./graph-svg";
import { actionName, typeName } from "./values";

/**
 * With more nodes, resources with equal changes share a node, and so do unchanged resources of one
 * type.
 */
const maxSingleNodes = 100;
/** The maximum number of nodes in a readable graph. */
const maxNodes = 150;

const toneOf: Readonly<Record<string, string>> = {
  create: "ok",
  update: "wait",
  replace: "bad",
  destroy: "bad",
  import: "run",
};
/** Signs of the actions, for readers who cannot distinguish the colours. */
const signs: Readonly<Record<string, string>> = {
  create: "+ ",
  update: "~ ",
  replace: "± ",
  destroy: "− ",
  import: "↓ ",
};

interface Node {
  readonly key: string;
  readonly label: string;
  readonly tone: string;
  /** The id of the element that shows its change. */
  readonly anchor?: string;
}

/**
 * Draws the resources of a stack, changed or not, and the references between them. If they are too
 * many, the changed ones and their neighbours come first, and `cut` states what is missing.
 * @returns undefined for a stack of fewer than two resources
 */
export function drawResources(
  stack: StackReview,
  anchorOf: (group: number) => string,
): (ResourceDrawing & { readonly cut?: string }) | undefined {
  const { nodes, edges } = stack.resourceGraph;
  if (nodes.length < 2) return undefined;
  const nodeOf = nodesOf(stack, anchorOf, nodes.length > maxSingleNodes);
  const drawnNodes = new Map([...nodeOf.values()].map((node) => [node.key, node]));
  const links = new Map<string, { readonly from: string; readonly to: string }>();
  for (const edge of edges) {
    const [from, to] = [nodeOf.get(edge.from)?.key, nodeOf.get(edge.to)?.key];
    if (from !== undefined && to !== undefined && from !== to)
      links.set(JSON.stringify([from, to]), { from, to });
  }
  const shownKeys = new Set(selectKeys([...drawnNodes.values()], [...links.values()]));
  const shownEdges = [...links.values()].filter(
    ({ from, to }) => shownKeys.has(from) && shownKeys.has(to),
  );
  const coveredResources = [...nodeOf.values()].filter(({ key }) => shownKeys.has(key)).length;
  return {
    nodes: [...shownKeys].flatMap((key) => drawnNodes.get(key) ?? []),
    edges: shownEdges,
    ...(coveredResources < nodes.length && {
      cut: `The graph shows ${coveredResources} of ${nodes.length} resources and ${shownEdges.length} of ${links.size} references: the changed ones and their neighbours first. The JSON has all of them.`,
    }),
  };
}

/** Returns the node of each resource, by address. */
function nodesOf(
  { resourceGraph, changes, groups }: StackReview,
  anchorOf: (group: number) => string,
  isLarge: boolean,
): Map<string, Node> {
  const changed = new Map<
    string,
    { readonly change: ResourceChange; readonly group: number; count: number }
  >();
  for (const [group, { members }] of groups.entries()) {
    for (const member of members) {
      const change = changes[member];
      if (change === undefined) continue;
      const address = withoutKey(change.address);
      const entry = changed.get(address);
      if (entry === undefined) changed.set(address, { change, group, count: 1 });
      else entry.count += 1;
    }
  }
  const sizes = sizesOf(resourceGraph, changed);
  const nodes = new Map<string, Node>();
  for (const { address, type, path } of resourceGraph.nodes) {
    const changedResource = changed.get(address);
    const action = changedResource === undefined ? "" : actionName[changedResource.change.action];
    const name = changedResource?.change.title ?? path.slice(path.lastIndexOf("/") + 1);
    const key = isLarge ? foldedKey(type, changedResource?.group) : address;
    const count = isLarge ? (sizes.get(key) ?? 1) : (changedResource?.count ?? 1);
    const label = `${signs[action] ?? ""}${count > 1 ? `${count} × ${typeName(type)}` : `${typeName(type)} ${name}`}`;
    nodes.set(address, {
      key,
      label,
      tone: toneOf[action] ?? "",
      ...(changedResource !== undefined && { anchor: anchorOf(changedResource.group) }),
    });
  }
  return nodes;
}

const foldedKey = (type: string, group: number | undefined): string =>
  group === undefined ? `unchanged ${type}` : `change ${group}`;

function sizesOf(
  { nodes }: ResourceGraph,
  changed: ReadonlyMap<string, { readonly group: number }>,
): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { address, type } of nodes) {
    const key = foldedKey(type, changed.get(address)?.group);
    sizes.set(key, (sizes.get(key) ?? 0) + 1);
  }
  return sizes;
}

/** Returns keys of at most 150 nodes: changed nodes first, then their neighbours, then others. */
function selectKeys(
  nodes: readonly Node[],
  edges: readonly { readonly from: string; readonly to: string }[],
): readonly string[] {
  const changed = new Set(nodes.filter(({ tone }) => tone !== "").map(({ key }) => key));
  const neighbours = edges
    .filter(({ from, to }) => changed.has(from) || changed.has(to))
    .flatMap(({ from, to }) => [from, to]);
  return [...new Set([...changed, ...neighbours, ...nodes.map(({ key }) => key)])].slice(
    0,
    maxNodes,
  );
}
