import type { TypeRules } from "./change";

const none: TypeRules = { keyed: {} };

/** How the lists and texts of a resource type are compared. What is not said here is found by `keys.ts`. */
export function rulesOf(_type: string): TypeRules {
  return none;
}
