import type { Toolkit } from "../terraform/toolkit";
import type { Io } from "./io";

/**
 * Warns under Node 20 about the bindings of cdktn: they require Node 22, load under Node 20 as
 * well, but npm warns.
 */
export function noteNode(io: Pick<Io, "stderr">, toolkit: Toolkit): void {
  const major = Number(process.versions.node.split(".")[0]);
  if (toolkit !== "cdktn" || major >= 22) return;
  io.stderr.write(
    `note: @cdktn/provider-databricks requires Node 22, and this is Node ${process.versions.node}; --toolkit cdktf runs on Node 20\n`,
  );
}
