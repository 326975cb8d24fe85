import type { JsonObject } from "../errors";
import { asArray, asObject, asText } from "../jobs/json";
import { kindOf } from "../jobs/run-model";
import { Html, escape } from "./html";

export interface GraphTask {
  readonly key: string;
  readonly spec: JsonObject;
  /** A CSS class of the theme. */
  readonly tone: string;
  readonly href: string;
}

/** Graphs with more tasks are not drawn: their layout takes seconds. */
const MAX_TASKS = 300;
const MAX_CACHED_LAYOUTS = 200;

/** Loads Graphviz (an ES module with WebAssembly) for the first graph. */
const loadGraphviz = async () => (await import("@viz-js/viz")).instance();
let viz: ReturnType<typeof loadGraphviz> | undefined;
/** Cache of layouts by their DOT source: during a run, only colours and links change. */
const layouts = new Map<string, string>();

const quote = (value: string): string =>
  `"${value
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replace(/[\r\n]+/g, " ")}"`;

/**
 * Renders the task graph as SVG: tasks are coloured by state, and link to their pages. Returns
 * undefined if there are no tasks or more than {@link MAX_TASKS}.
 */
export async function renderTaskGraph(tasks: readonly GraphTask[]): Promise<Html | undefined> {
  if (tasks.length === 0 || tasks.length > MAX_TASKS) return undefined;
  const dot = toDot(tasks);
  let svg = layouts.get(dot);
  if (svg === undefined) {
    viz ??= loadGraphviz();
    svg = (await viz).renderString(dot, { format: "svg", engine: "dot" });
    svg = svg.slice(svg.indexOf("<svg"));
    if (layouts.size >= MAX_CACHED_LAYOUTS) layouts.clear();
    layouts.set(dot, svg);
  }
  return new Html(
    svg.replace(/@(tone|href)(\d+)@/g, (_whole, attribute: string, index: string) =>
      escape(tasks[Number(index)]?.[attribute as "tone" | "href"] ?? ""),
    ),
  );
}

function toDot(tasks: readonly GraphTask[]): string {
  const indexByKey = new Map(tasks.map((task, position) => [task.key, position]));
  const lines = [
    "digraph {",
    'rankdir=LR; bgcolor="transparent"; nodesep=0.25; ranksep=0.5;',
    'node [shape=box, style="rounded,filled", fontname="system-ui", fontsize=12, margin="0.18,0.1"];',
    'edge [arrowsize=0.7, fontname="system-ui", fontsize=10];',
  ];
  tasks.forEach((task, taskIndex) => {
    const kind = (kindOf(task.spec) ?? "").replace(/_task$/, "").replaceAll("_", " ");
    const shape =
      kind === "condition"
        ? ', shape=diamond, style="filled", margin="0.02,0.02"'
        : kind === "for each"
          ? ", peripheries=2"
          : "";
    // Joined before the closing quote, so that \n is a line break of DOT.
    const label = `${quote(task.key).slice(0, -1)}\\n${quote(kind).slice(1)}`;
    lines.push(
      `n${taskIndex} [label=${label}, class="@tone${taskIndex}@", URL="@href${taskIndex}@", tooltip=${quote(task.key)}${shape}];`,
    );
  });
  tasks.forEach((task, taskIndex) => {
    for (const value of asArray(task.spec.depends_on)) {
      const dependency = asObject(value);
      const dependencyIndex = indexByKey.get(asText(dependency?.task_key));
      if (dependencyIndex === undefined) continue;
      const outcome = asText(dependency?.outcome);
      lines.push(
        `n${dependencyIndex} -> n${taskIndex}${outcome === "" ? "" : ` [label=${quote(outcome)}]`};`,
      );
    }
  });
  return [...lines, "}"].join("\n");
}
