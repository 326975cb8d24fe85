import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { connect, readOnly, type Connection } from "../../src/api";
import type { ReadClient } from "../../src/api/client";
import type { Attributes, KindReader, Kind, Remote, WriteContext } from "../../src/resources/kind";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";

/** A workspace, clients that write and only read, and a folder of local files. */
export interface KindLab {
  readonly workspace: RunningWorkspace;
  readonly api: Connection;
  readonly reader: ReadClient;
  readonly context: WriteContext;
  close(): Promise<void>;
}

export async function openKindLab(): Promise<KindLab> {
  const workspace = await startWorkspace();
  const api = connect({ host: workspace.host, token: workspace.token, env: {} });
  const directory = mkdtempSync(path.join(tmpdir(), "kinds-"));
  return {
    workspace,
    api,
    reader: readOnly(api),
    context: { directory },
    async close() {
      await api.close();
      await workspace.close();
      rmSync(directory, { recursive: true });
    },
  };
}

/** Creates an object, and reads it back completely. */
export async function createAndRead(
  lab: KindLab,
  kind: Kind,
  planned: Attributes,
): Promise<Remote> {
  const { id } = await kind.create(lab.api, planned, lab.context);
  const remote = await kind.read(lab.reader, id, { known: planned });
  if (remote === undefined) throw new Error(`${kind.type} ${id} was created, but is missing`);
  return remote;
}

/** @param parent the folder, scope or cluster whose objects are listed. @default all objects */
export async function listAll(lab: KindLab, kind: KindReader, parent?: string): Promise<Remote[]> {
  const items: Remote[] = [];
  for await (const item of kind.list?.(lab.reader, parent) ?? []) items.push(item);
  return items;
}
