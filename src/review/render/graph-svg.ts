import type { TaskGraph } from "../model";

/** Graphviz, compiled to WebAssembly inside its npm package: nothing is installed or fetched. Loaded when the first graph is drawn. */
const load = async () => (await import("@viz-js/viz")).instance();
let engine: ReturnType<typeof load> | undefined;

/**
 * The task graph as an SVG element for HTML: colours come from CSS classes (`added`, `removed`, `changed`), so it follows the page's theme.
 */
export async function graphSvg(graph: TaskGraph): Promise<string> {
  const viz = await (engine ??= load());
  const svg = viz.renderString(dot(graph), { format: "svg", engine: "dot" });
  const start = svg.indexOf("<svg");
  // Fixed sizes would not fit a narrow page: the viewBox alone sets the proportions.
  return svg
    .slice(start)
    .replace(/<title>[^<]*<\/title>\s*/g, "")
    .replace(/(<svg[^>]*?) width="([\d.]+)pt" height="[\d.]+pt"/, '$1 style="max-width:$2pt"')
    .replace("<svg", `<svg role="img" aria-label="${quoted(`tasks of ${graph.title}`)}"`)
    .trim();
}

/** Graphviz source. Edges show their state by class and by a sign, readable without distinguishing red from green. */
export function dot(graph: TaskGraph): string {
  const lines = [
    "digraph tasks {",
    '  bgcolor="transparent"; rankdir=LR; nodesep=0.25; ranksep=0.45;',
    '  node [shape=box, style="rounded", fontname="sans-serif", fontsize=11, height=0.35, margin="0.2,0.05"];',
    '  edge [fontname="sans-serif", fontsize=9, arrowsize=0.7];',
  ];
  const names = new Map(graph.nodes.map(({ key }, index) => [key, `n${index}`]));
  for (const { key, kind, state } of graph.nodes) {
    const sign = { same: "", added: "+ ", removed: "− ", changed: "~ " }[state];
    lines.push(
      `  ${names.get(key) ?? ""} [label=${label(`${sign}${key}`)}, tooltip=${label(`${key} (${kind})`)}, class=${label(`task ${state}`)}${state === "removed" ? ', style="rounded,dashed"' : ""}];`,
    );
  }
  graph.edges.forEach(({ from, to, state, outcome }, index) => {
    const a = names.get(from) ?? `missing${index}`;
    if (!names.has(from)) lines.push(`  ${a} [label=${label(`? ${from}`)}, class="task removed"];`);
    const text = [{ same: "", added: "+", removed: "−" }[state], outcome ?? ""].filter(Boolean).join(" ");
    lines.push(
      `  ${a} -> ${names.get(to) ?? ""} [class=${label(`edge-${state}`)}${text === "" ? "" : `, label=${label(text)}`}${state === "removed" ? ", style=dashed" : state === "added" ? ", penwidth=2" : ""}];`,
    );
  });
  return [...lines, "}"].join("\n");
}

const label = (text: string): string =>
  `"${text
    .replace(/\\/g, "\\\\")
    .replace(/"/g, '\\"')
    .replace(/[\r\n]+/g, " ")}"`;
const quoted = (text: string): string => text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`).replaceAll("$", "&#36;");
