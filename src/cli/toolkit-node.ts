import type { Toolkit } from "../terraform/toolkit";
import type { Io } from "./io";

/**
 * Explains on Node 20 why npm warns about the bindings of cdktn: they require Node 22, although
 * they also load on Node 20.
 */
export function noteNode(io: Pick<Io, "stderr">, toolkit: Toolkit): void {
  const major = Number(process.versions.node.split(".")[0]);
  if (toolkit !== "cdktn" || major >= 22) return;
  io.stderr.write(
    `note: @cdktn/provider-databricks requires Node 22, and this is Node ${process.versions.node}; --toolkit cdktf runs on Node 20\n`,
  );
}
