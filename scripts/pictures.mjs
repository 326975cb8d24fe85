// npm run pictures: writes docs/pictures/. They are never edited.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { instance } from "@viz-js/viz";

const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "docs", "pictures");
fs.mkdirSync(folder, { recursive: true });

/** The picture of docs/concepts.md. */
async function concepts() {
  const graph = `digraph {
    graph [bgcolor="white", pad=0.2, nodesep=0.5, ranksep=0.5]
    node [shape=box, style="rounded,filled", fillcolor="#f6f8fa", color="#57606a", fontname="Helvetica,Arial,sans-serif", fontsize=11, margin="0.22,0.1"]
    edge [fontname="Helvetica,Arial,sans-serif", fontsize=10, color="#57606a", fontcolor="#57606a", arrowsize=0.7]
    code [label="constructs + environments\\nTypeScript"]
    json [label="cdk.tf.json\\none per stack", shape=note]
    review [label="review\\nplan, drift, policies", fillcolor="#ddf4ff", color="#0969da"]
    approve [label="approval\\nof a digest", fillcolor="#ddf4ff", color="#0969da"]
    deploy [label="deploy\\nterraform apply, heal", fillcolor="#ddf4ff", color="#0969da"]
    verify [label="verify", fillcolor="#ddf4ff", color="#0969da"]
    workspace [label="workspace\\nlocal or real", shape=cylinder, fillcolor="#fff8c5", color="#9a6700"]
    record [label="deployment record", shape=note, fillcolor="#fff8c5", color="#9a6700"]
    promote [label="next environment", style="rounded,dashed"]
    {rank=same; code; json}
    {rank=same; review; approve; verify; promote}
    {rank=same; deploy}
    {rank=same; workspace; record}
    code -> json [label="synth"]
    json -> verify [style=dashed]
    verify -> promote [label="gates"]
    json -> review [label="terraform plan"]
    review -> approve
    approve -> deploy
    deploy -> workspace [label="provider, REST"]
    deploy -> record
    verify -> workspace [label="REST, GET only"]
    verify -> record [style=dashed]
  }`;
  const svg = (await instance()).renderString(graph, { format: "svg" });
  // Without the notes of Graphviz's version.
  const text = svg.slice(svg.indexOf("<svg")).replaceAll(/<!--[^]*?-->\n?/g, "");
  fs.writeFileSync(path.join(folder, "concepts.svg"), text);
}

await concepts();
