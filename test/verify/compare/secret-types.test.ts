import { kinds } from "../../../src/resources";
import { schemaOf, type Attribute } from "../../../src/resources/shape/schema";
import { compare } from "../../../src/verify/compare/compare";
import { shownFinding } from "../../../src/verify/display";
import { ReportRedactor } from "../../../src/verify/redactor";
import type { Desired, DesiredObject } from "../../../src/verify/expressions/values";
import { fieldsOf, markSensitive, sensitivePaths } from "../../../src/verify/fields/field-rules";

/** Returns a configuration in which one field has a value, with blocks as lists of one. */
function withValue(path: readonly string[], value: Desired): DesiredObject {
  const [step = "", ...rest] = path;
  return { [step]: rest.length === 0 ? value : [withValue(rest, value)] };
}

const sensitiveFields = kinds.flatMap(({ type }) =>
  sensitivePaths(type).map((path) => [type, path.join("."), path] as const),
);

test("sensitivePaths returns the fields that the schema marks as sensitive, and the strings that are never returned", () => {
  const sensitive = kinds.flatMap(({ type, rules }) => {
    const fields = [...fieldsOf(type)].map(([path]) => path);
    const writeOnlyFields = fields.filter(
      (path) =>
        rules.unverifiable[path] !== undefined && attributeAt(type, path)?.type === "string",
    );
    return [
      ...fields.filter((path) => attributeAt(type, path)?.sensitive === true),
      ...writeOnlyFields,
    ].map((path) => `${type} ${path}`);
  });
  expect(sensitiveFields.map(([type, path]) => `${type} ${path}`).sort()).toEqual(
    [...new Set(sensitive)].sort(),
  );
  expect(sensitive).toContain("databricks_git_credential personal_access_token");
  expect(sensitive).toContain("databricks_secret string_value");
});

test.each(sensitiveFields)(
  "the value of %s %s is in no finding and no decision",
  (type, _, path) => {
    const reader = kinds.find((kind) => kind.type === type);
    if (reader === undefined) throw new Error(type);
    const side = (value: string): DesiredObject => markSensitive(type, withValue(path, value));
    const decisions: unknown[] = [];
    for (const rules of [reader.rules, { ...reader.rules, unverifiable: {}, configOnly: {} }]) {
      const { findings } = compare({
        fields: fieldsOf(type),
        rules,
        desired: side("canary-desired"),
        deployed: side("canary-deployed"),
        state: side("canary-state"),
        remote: side("canary-remote"),
        trace: (decision) => decisions.push(decision),
      });
      decisions.push(findings.map((finding) => shownFinding(finding, new ReportRedactor())));
    }
    expect(JSON.stringify(decisions)).not.toContain("canary");
    expect(decisions).not.toEqual([]);
  },
);

function attributeAt(type: string, path: string): Attribute | undefined {
  const steps = path.split(".");
  let block = schemaOf(type)?.block;
  for (const step of steps.slice(0, -1)) block = block?.blocks[step]?.block;
  return block?.attributes[steps.at(-1) ?? ""];
}
