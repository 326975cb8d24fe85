import { findKind } from "../../resources/index";
import type { Value } from "../../resources/kind";
import type { TypeRules } from "./change";

const noRules: TypeRules = { keyed: {} };
const rulesByType = new Map<string, TypeRules>();

/**
 * Returns the comparison rules for the lists and texts of a resource type. `list-keys.ts` handles
 * lists without a rule.
 */
export function rulesOf(type: string): TypeRules {
  const typeRules = rulesByType.get(type) ?? fromKind(type);
  rulesByType.set(type, typeRules);
  return typeRules;
}

function fromKind(type: string): TypeRules {
  const rules = findKind(type)?.rules;
  if (rules === undefined) return noRules;
  const { keyed, equivalent } = rules;
  if (equivalent === undefined) return { keyed };
  return {
    keyed,
    equivalent: (field, a, b) =>
      a !== undefined && b !== undefined && equivalent[field]?.(a as Value, b as Value) === true,
  };
}
