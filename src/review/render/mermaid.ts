import { printable } from "../../printable";
import type { TaskGraph } from "../model";

/**
 * The maximum number of tasks and of edges. A note replaces larger graphs, because code hosts do
 * not draw Mermaid beyond about 50,000 characters or 500 edges.
 */
const maxElements = 200;

/**
 * Draws the task graph before and after the change in one picture: added tasks are green, removed
 * ones red and dashed, changed ones amber.
 */
export function mermaid(graph: TaskGraph, host: "github" | "gitlab" | "azure" = "github"): string {
  if (graph.edges.length > maxElements || graph.nodes.length > maxElements) {
    const count = (state: string): number =>
      graph.edges.filter((edge) => edge.state === state).length;
    return `\nTask graph: ${graph.nodes.length} tasks, ${count("added")} edges added, ${count("removed")} removed (too large to draw here).\n`;
  }
  const id = new Map(graph.nodes.map((node, index) => [node.key, `t${index}`]));
  // Azure DevOps supports only the older keyword.
  const lines = [host === "azure" ? "graph LR" : "flowchart LR"];
  const linkStyles: string[] = [];
  for (const { key, state } of graph.nodes) {
    const sign = { same: "", added: "+ ", removed: "- ", changed: "~ " }[state];
    lines.push(
      `  ${id.get(key) ?? "t"}["${sign}${clean(key)}"]${state === "same" ? "" : `:::${state}`}`,
    );
  }
  graph.edges.forEach(({ from, to, state, outcome }, index) => {
    // An edge can name a task that does not exist, which the API rejects. Draw it with this name.
    const [a, b] = [id.get(from) ?? `missing_${index}["? ${clean(from)}"]`, id.get(to) ?? "t"];
    const label = [state === "added" ? "new" : state === "removed" ? "gone" : "", outcome ?? ""]
      .filter(Boolean)
      .join(" ");
    lines.push(
      `  ${a} ${state === "removed" ? "-.->" : state === "added" ? "==>" : "-->"}${label === "" ? "" : `|${clean(label)}|`} ${b}`,
    );
    if (state !== "same")
      linkStyles.push(`  linkStyle ${index} stroke:${state === "added" ? "#2da44e" : "#cf222e"}`);
  });
  lines.push(...linkStyles);
  for (const [state, style] of Object.entries(styles))
    if (graph.nodes.some((node) => node.state === state))
      lines.push(`  classDef ${state} ${style}`);
  return host === "azure"
    ? `\n::: mermaid\n${lines.join("\n")}\n:::\n`
    : `\n\`\`\`mermaid\n${lines.join("\n")}\n\`\`\`\n`;
}

const styles = {
  added: "stroke:#2da44e,stroke-width:2px",
  removed: "stroke:#cf222e,stroke-width:2px,stroke-dasharray:4",
  changed: "stroke:#bf8700,stroke-width:2px",
} as const;

/**
 * Replaces characters that could end the label. Task keys have only letters, digits, - and _,
 * except in templates.
 */
const clean = (text: string): string => printable(text).replace(/["<>&#;[\]{}|`]/g, "_");
