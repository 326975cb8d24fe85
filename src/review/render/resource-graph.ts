import type { Json, StackReview } from "../model";
import type { ResourceGraph } from "./graph-svg";
import { actionName, typeName } from "./values";

/** Larger graphs cannot be read. */
const MOST = 60;
const tones: Readonly<Record<string, string>> = { create: "ok", update: "wait", replace: "bad", destroy: "bad", import: "run" };

/**
 * The changed resources of a stack, and the values that one gets from another in this deploy (`known after apply`). Equal changes are one
 * node. undefined if nothing depends on anything.
 */
export function resourceGraph(stack: StackReview, anchorOf: (group: number) => string): ResourceGraph | undefined {
  const groupOf = new Map(
    stack.groups.flatMap(({ members }, index) => members.map((member) => [stack.changes[member]?.address, index] as const)),
  );
  const edges = new Map<string, { from: string; to: string }>();
  const address = (group: number): string => stack.changes[stack.groups[group]?.members[0] ?? 0]?.address ?? "";
  for (const change of stack.changes) {
    const to = groupOf.get(change.address);
    for (const used of change.fields.flatMap(({ after }) => resourcesIn(after))) {
      const from = groupOf.get(used);
      if (from === undefined || to === undefined || from === to) continue;
      edges.set(`${from} ${to}`, { from: address(from), to: address(to) });
    }
  }
  if (edges.size === 0 || stack.groups.length > MOST) return undefined;
  const nodes = stack.groups.map(({ members, type, action }, index) => {
    const change = stack.changes[members[0] ?? 0];
    const title = members.length > 1 ? `${members.length} x ${typeName(type)}` : `${typeName(type)} ${change?.title ?? change?.path ?? ""}`;
    return { address: address(index), label: title, id: anchorOf(index), tone: tones[actionName[action]] ?? "" };
  });
  const connected = new Set([...edges.values()].flatMap(({ from, to }) => [from, to]));
  return { nodes: nodes.filter((node) => connected.has(node.address)), edges: [...edges.values()] };
}

/** Addresses of the resources whose values an unknown value comes from. */
function resourcesIn(value: Json | undefined): string[] {
  if (typeof value !== "object" || value === null) return [];
  if ("$lakeform" in value && "from" in value && typeof value.from === "string") {
    return [...value.from.matchAll(/\b[a-z]+_\w+\.[\w-]+/g)].map(([found]) => found);
  }
  return Object.values(value).flatMap((inner) => resourcesIn(inner));
}
