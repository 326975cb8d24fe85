/** The registry: every kind that lakeform knows, by Terraform type. */
import { dataKinds } from "./data";
import type { DataKind, Kind } from "./kind";
import { kinds } from "./kinds";

export { dataKinds } from "./data";
export { kinds } from "./kinds";

const byType = new Map(kinds.map((kind) => [kind.type, kind]));
const dataByType = new Map(dataKinds.map((kind) => [kind.type, kind]));

export function findKind(type: string): Kind | undefined {
  return byType.get(type);
}

export function findDataKind(type: string): DataKind | undefined {
  return dataByType.get(type);
}
