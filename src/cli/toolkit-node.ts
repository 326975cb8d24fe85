import type { Toolkit } from "../terraform/toolkit";
import type { Io } from "./io";

/** The bindings of cdktn require Node 22; they also load under Node 20, and npm warns there. */
export function noteNode(io: Pick<Io, "stderr">, toolkit: Toolkit): void {
  const major = Number(process.versions.node.split(".")[0]);
  if (toolkit !== "cdktn" || major >= 22) return;
  io.stderr.write(
    `note: @cdktn/provider-databricks asks for Node 22, and this is ${process.versions.node}; --toolkit cdktf runs on Node 20\n`,
  );
}
