import { kinds } from "../../../src/resources";
import { diffFields } from "../../../src/review/changes/diff";
import { hasKeyField } from "../../../src/review/changes/list-keys";
import { PathIndex, untilUnkeyedList } from "../../../src/review/changes/paths";
import { rulesOf } from "../../../src/review/changes/rules";
import { compare } from "../../../src/verify/compare/compare";
import type { DesiredObject, Desired } from "../../../src/verify/expressions/values";
import { fieldsOf, type Fields } from "../../../src/verify/fields/field-rules";

type Side = "before" | "after";

/** Returns an object in which one field has a value, inside of all blocks that contain it. */
function objectWith(fields: Fields, keyed: Readonly<Record<string, string>>, path: string) {
  const parts = path.split(".");
  const valueIn = (index: number, side: Side): Desired => {
    const field = parts.slice(0, index + 1).join(".");
    const info = fields.get(field);
    if (index < parts.length - 1) {
      const key = keyed[field];
      const block: DesiredObject = {
        ...siblingOf(field, parts[index + 1] ?? ""),
        [parts[index + 1] ?? ""]: valueIn(index + 1, side),
      };
      return [key === undefined || key === "*" ? block : { [key]: "the_key", ...block }];
    }
    // Dots in keys distinguish the notations of an entry.
    if (info?.is === "map") return { "spark.a": side };
    return info?.is === "list" || info?.is === "set" ? [side] : side;
  };
  /** An element with several values has another label in a review, unless it has a key. */
  const siblingOf = (list: string, name: string): DesiredObject => {
    const sibling = [...fields.keys()]
      .filter((field) => field.startsWith(`${list}.`) && fields.get(field)?.is === "scalar")
      .map((field) => field.slice(list.length + 1))
      .find((field) => !field.includes(".") && field !== name);
    return sibling === undefined || hasKeyField(list, keyed) ? {} : { [sibling]: "same" };
  };
  const name = parts[0] ?? "";
  return { before: { [name]: valueIn(0, "before") }, after: { [name]: valueIn(0, "after") } };
}

test("review and verify name a field in the same way", () => {
  const compared: string[] = [];
  const different: string[] = [];
  for (const { type, rules } of kinds) {
    const fields = fieldsOf(type);
    for (const [path, info] of fields) {
      if (info.is === "block" || info.is === "blocks" || info.is === "blockSet") continue;
      const { before, after } = objectWith(fields, rules.keyed, path);
      const { findings } = compare({
        fields,
        rules: { ...rules, backendDefaults: {}, equivalent: {} },
        desired: after,
        deployed: before,
        state: before,
        remote: before,
      });
      const { keyed } = rulesOf(type);
      const reviewed = new PathIndex(
        diffFields(before, after, { rules: keyed, fields }).map((change) => change.path),
      );
      for (const finding of findings) {
        if (finding.status !== "pending") continue;
        compared.push(finding.path);
        const place = untilUnkeyedList(finding.path, fields, keyed);
        if (!reviewed.overlaps(place)) different.push(`${type} ${finding.path}`);
      }
    }
  }
  expect(compared.length).toBeGreaterThan(1000);
  expect(different).toEqual([]);
});
