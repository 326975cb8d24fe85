import type { TaskGraph } from "../model";

/**
 * Loads Graphviz when the first graph is drawn. Its npm package contains it as WebAssembly, so
 * nothing is installed or downloaded.
 */
const load = async () => (await import("@viz-js/viz")).instance();
let engine: ReturnType<typeof load> | undefined;

/**
 * Draws the task graph as an SVG element for HTML. Colours come from CSS classes (`added`,
 * `removed`, `changed`), so it follows the page's theme.
 */
export async function graphSvg(graph: TaskGraph): Promise<string> {
  const names = [...graph.nodes.map(({ key }) => key), ...graph.edges.map(({ from }) => from)];
  return svgOf(dot(graph), `tasks of ${graph.title}`, [...new Set(names)]);
}

/** The resources of a stack and the references between them. */
export interface ResourceDrawing {
  /** `anchor` is the id of the element that shows the resource's change. */
  readonly nodes: readonly {
    readonly key: string;
    readonly label: string;
    readonly tone: string;
    readonly anchor?: string;
  }[];
  readonly edges: readonly { readonly from: string; readonly to: string }[];
}

/** Resources without references are drawn in rows of this length. */
const rowLength = 4;

/** Draws the resources of a stack as an SVG element, in the colours of their `tone`. */
export async function resourceGraphSvg(
  { nodes, edges }: ResourceDrawing,
  title: string,
): Promise<string> {
  const index = new Map(nodes.map(({ key }, position) => [key, position]));
  const connected = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const isolated = nodes.flatMap(({ key }, position) => (connected.has(key) ? [] : [position]));
  const source = [
    "digraph resources {",
    '  bgcolor="transparent"; rankdir=LR; nodesep=0.2; ranksep=0.5;',
    '  node [shape=box, style="rounded", fontname="sans-serif", fontsize=11, height=0.35, margin="0.45,0.05"]; edge [arrowsize=0.7];',
    ...nodes.map(
      (node, position) => `  n${position} [label=${label(node.label)}, class=${label(node.tone)}];`,
    ),
    ...edges.map(({ from, to }) => `  n${index.get(from) ?? 0} -> n${index.get(to) ?? 0};`),
    ...isolated.flatMap((isolatedIndex, position) =>
      position % rowLength === 0
        ? []
        : [`  n${isolated[position - 1] ?? 0} -> n${isolatedIndex} [style=invis];`],
    ),
    "}",
  ].join("\n");
  const svg = await svgOf(
    source,
    title,
    nodes.map(({ key }) => key),
  );
  return nodes.reduce(
    (text, { key, anchor }) =>
      anchor === undefined
        ? text
        : text.replace(
            ` data-node="${escaped(key)}"`,
            (attribute) => `${attribute} data-change="${escaped(anchor)}"`,
          ),
    svg,
  );
}

/**
 * Draws Graphviz source whose nodes are `n0`, `n1`, … For the page's script, each node gets its
 * name as `data-node`, and each edge the names of its ends as `data-from` and `data-to`.
 */
async function svgOf(source: string, title: string, names: readonly string[]): Promise<string> {
  const viz = await (engine ??= load());
  const svg = viz.renderString(source, { format: "svg", engine: "dot" });
  const name = (node: string): string => escaped(names[Number(node.slice(1))] ?? node);
  return (
    svg
      .slice(svg.indexOf("<svg"))
      .replace(
        /<g id="[^"]*" class="(node|edge)([^"]*)">\s*<title>([^<]*)<\/title>/g,
        (_all, kind: string, classes: string, nodes: string) => {
          const [from = "", to = ""] = nodes.split("&#45;&gt;");
          return `<g class="${kind}${classes}" ${kind === "node" ? `data-node="${name(nodes)}"` : `data-from="${name(from)}" data-to="${name(to)}"`}>`;
        },
      )
      .replace(/<title>[^<]*<\/title>\s*/g, "")
      .replace(/ (fill|stroke)="(black|none|transparent|white)"/g, "")
      // A fixed height would not fit a narrow page: the viewBox sets the proportions.
      .replace(/(<svg[^>]*?) width="([\d.]+)pt" height="[\d.]+pt"/, '$1 style="width:$2pt"')
      .replace("<svg", `<svg role="group" aria-label="${escaped(title)}"`)
      .trim()
  );
}

/**
 * Returns the Graphviz source of a task graph. Edges show their state by class and by a sign, for
 * readers who cannot distinguish red from green.
 */
export function dot(graph: TaskGraph): string {
  const lines = [
    "digraph tasks {",
    '  bgcolor="transparent"; rankdir=LR; nodesep=0.25; ranksep=0.45;',
    '  node [shape=box, style="rounded", fontname="sans-serif", fontsize=11, height=0.35, margin="0.2,0.05"];',
    '  edge [fontname="sans-serif", fontsize=9, arrowsize=0.7];',
  ];
  const names = new Map(graph.nodes.map(({ key }, index) => [key, `n${index}`]));
  const addMissingNode = (key: string): string => {
    const name = `n${names.size}`;
    names.set(key, name);
    lines.push(`  ${name} [label=${label(`? ${key}`)}, class="task removed"];`);
    return name;
  };
  for (const { key, kind, state } of graph.nodes) {
    const sign = { same: "", added: "+ ", removed: "− ", changed: "~ " }[state];
    lines.push(
      `  ${names.get(key) ?? ""} [label=${label(`${sign}${key}`)}, tooltip=${label(`${key} (${kind})`)}, class=${label(`task ${state}`)}${state === "removed" ? ', style="rounded,dashed"' : ""}];`,
    );
  }
  graph.edges.forEach(({ from, to, state, outcome }) => {
    const a = names.get(from) ?? addMissingNode(from);
    const text = [{ same: "", added: "+", removed: "−" }[state], outcome ?? ""]
      .filter(Boolean)
      .join(" ");
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
const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`).replaceAll("$", "&#36;");
