import type { TaskGraph } from "../model";
import type { Paint } from "./paint";

const nodeSign = { same: " ", added: "+", removed: "-", changed: "~" } as const;

/** Renders the task graph as a list in run order: each task with its marked dependencies. */
export function graphText(graph: TaskGraph, paint: Paint): string[] {
  return inRunOrder(graph).map((node) => {
    const edges = graph.edges.filter((edge) => edge.to === node.key);
    const dependencyLabels = edges.map(({ from, outcome, state }) => {
      const word = `${from}${outcome === undefined ? "" : ` (${outcome})`}`;
      return state === "added"
        ? paint.green(`+${word}`)
        : state === "removed"
          ? paint.red(`-${word}`)
          : word;
    });
    const color =
      node.state === "added"
        ? paint.green
        : node.state === "removed"
          ? paint.red
          : node.state === "changed"
            ? paint.yellow
            : (text: string) => text;
    return `${color(`${nodeSign[node.state]} ${node.key}`)}${dependencyLabels.length === 0 ? "" : ` <- ${dependencyLabels.join(", ")}`}`;
  });
}

/**
 * Sorts tasks after their dependencies in the new graph. Tasks in a cycle, which the API rejects,
 * are sorted by key.
 */
function inRunOrder(graph: TaskGraph): TaskGraph["nodes"] {
  const dependencies = new Map(
    graph.nodes.map((node) => [
      node.key,
      graph.edges
        .filter((edge) => edge.to === node.key && edge.state !== "removed")
        .map((edge) => edge.from),
    ]),
  );
  const done = new Set<string>();
  const sorted: TaskGraph["nodes"][number][] = [];
  while (sorted.length < graph.nodes.length) {
    const runnable = graph.nodes.filter(
      (node) =>
        !done.has(node.key) &&
        (dependencies.get(node.key) ?? []).every(
          (from) => done.has(from) || !dependencies.has(from),
        ),
    );
    const next = runnable.length > 0 ? runnable : graph.nodes.filter((node) => !done.has(node.key));
    for (const node of next) {
      done.add(node.key);
      sorted.push(node);
    }
  }
  return sorted;
}
