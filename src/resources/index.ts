/** The registry of all supported kinds, by Terraform type. */
import { dataKinds } from "./data";
import type { DataKind, Kind, Traits } from "./kind";
import { kinds } from "./kinds";

export { dataKinds } from "./data";
export { kinds } from "./kinds";

const byType = new Map(kinds.map((kind) => [kind.type, kind]));
let dataByType: ReadonlyMap<string, DataKind> | undefined;

export function findKind(type: string): Kind | undefined {
  return byType.get(type);
}

/** Returns the traits of a type; empty for a type that lakeform does not support. */
export function traitsOf(type: string): Traits {
  return byType.get(type)?.traits ?? {};
}

/** Returns the name of the attribute with the state id of a type. */
export const idAttributeOf = (type: string): string => traitsOf(type).idAttribute ?? "id";

/** Returns the state id of a resource. */
export function stateId(type: string, attributes: object | null | undefined): unknown {
  return (attributes as Readonly<Record<string, unknown>> | null | undefined)?.[
    idAttributeOf(type)
  ];
}

/** Returns the types with a trait, in the order of the registry. */
export function typesWith(trait: keyof Traits): readonly string[] {
  return kinds.flatMap(({ type, traits }) => (traits?.[trait] === undefined ? [] : [type]));
}

export function findDataKind(type: string): DataKind | undefined {
  dataByType ??= new Map(dataKinds.map((kind) => [kind.type, kind]));
  return dataByType.get(type);
}
