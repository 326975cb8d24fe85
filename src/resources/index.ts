/** The registry: every kind that lakeform knows, by Terraform type. */
import { dbfsFile } from "./dbfs-file";
import { directory } from "./directory";
import type { DataKind, Kind } from "./kind";
import { notebook } from "./notebook";
import { secret } from "./secret";
import { secretAcl } from "./secret-acl";
import { secretScope } from "./secret-scope";

export const kinds: readonly Kind[] = [dbfsFile, directory, notebook, secret, secretAcl, secretScope];

export const dataKinds: readonly DataKind[] = [];

const byType = new Map(kinds.map((kind) => [kind.type, kind]));
const dataByType = new Map(dataKinds.map((kind) => [kind.type, kind]));

export function findKind(type: string): Kind | undefined {
  return byType.get(type);
}

export function findDataKind(type: string): DataKind | undefined {
  return dataByType.get(type);
}
