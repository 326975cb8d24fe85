import type { TaskNode } from "../model";
import type { Shown } from "../redactor";

/** Loads the layout engine (1.4 MB). This is done only when a graph is drawn. */
const loadEngine = async () => (await import("@viz-js/viz")).instance();
let loaded: ReturnType<typeof loadEngine> | undefined;

/** Shows the state by a sign and a word, so that colour is not the only indication. */
function labelOf(key: string, state: TaskNode["state"]): string {
  switch (state) {
    case "match":
      return key;
    case "added":
      return `+ ${key}\nonly in the workspace`;
    case "removed":
      return `− ${key}\nnot in the workspace`;
    case "drift":
      return `~ ${key}\ndrift`;
    case "pending":
      return `~ ${key}\npending`;
  }
}

/** Renders the task graph as SVG without colours: the page's style sheet sets them by class. */
export async function taskGraphSvg(tasks: readonly TaskNode<Shown>[]): Promise<string> {
  loaded ??= loadEngine();
  const viz = await loaded;
  const keys = new Set(tasks.map(({ key }) => key));
  const nodes = tasks.map(({ key, state }) => ({
    name: key,
    attributes: { class: `task ${state}`, label: labelOf(key, state) },
  }));
  const edges = tasks.flatMap(({ key, after }) =>
    after.filter((from) => keys.has(from)).map((from) => ({ tail: from, head: key })),
  );
  const svg = viz.renderString(
    {
      directed: true,
      graphAttributes: { rankdir: "LR", bgcolor: "transparent", nodesep: 0.2, ranksep: 0.4 },
      nodeAttributes: {
        shape: "box",
        style: "rounded",
        fontname: "sans-serif",
        fontsize: 11,
        height: 0.3,
        margin: "0.3,0.06",
      },
      edgeAttributes: { arrowsize: 0.6 },
      nodes,
      edges,
    },
    { format: "svg" },
  );
  // Remove the XML declaration and colours: `fill` and `stroke` are set by the style sheet.
  return svg
    .slice(svg.indexOf("<svg"))
    .replaceAll(/ (fill|stroke)="(black|none|transparent|white)"/g, "");
}
