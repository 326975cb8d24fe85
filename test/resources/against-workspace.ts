import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { connect, readOnly, type Connection } from "../../src/api";
import type { ReadClient } from "../../src/api/client";
import type { Attributes, KindReader, Kind, Remote, WriteContext } from "../../src/resources/kind";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";

/** A workspace, a writing client, a read-only client, and a folder of local files. */
export interface Place {
  readonly workspace: RunningWorkspace;
  readonly api: Connection;
  readonly reader: ReadClient;
  readonly context: WriteContext;
  close(): Promise<void>;
}

export async function openPlace(): Promise<Place> {
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
export async function make(place: Place, kind: Kind, planned: Attributes): Promise<Remote> {
  const { id } = await kind.create(place.api, planned, place.context);
  const found = await kind.read(place.reader, id, { known: planned });
  if (found === undefined) throw new Error(`${kind.type} ${id} was made and is not there`);
  return found;
}

export async function listAll(place: Place, kind: KindReader, within?: string): Promise<Remote[]> {
  const all: Remote[] = [];
  for await (const item of kind.list?.(place.reader, within) ?? []) all.push(item);
  return all;
}
