/** Checks changes to the columns of a table. */
import type { Attributes, Problem } from "../kind";
import { blocks, textOrEmpty } from "../shape/attributes";
import { sameType } from "./table-ddl";

/**
 * Reports changes that lakeform cannot make with ALTER statements. The official provider also
 * rejects them in the plan.
 */
export function columnProblems(config: Attributes, prior: Attributes): readonly Problem[] {
  const [before, after] = [blocks(prior, "column"), blocks(config, "column")];
  if (before.length === 0 || after.length === 0) return [];
  const problem = (i: number, message: string): Problem => ({ path: `column.${i}`, message });
  if (before.length === after.length)
    return after.flatMap((column, i) => {
      const previous = before[i] ?? {};
      if (typeof column.type === "string" && !sameType(previous.type ?? null, column.type))
        return [problem(i, "the type of an existing column cannot be changed")];
      return textOrEmpty(previous, "identity") === textOrEmpty(column, "identity")
        ? []
        : [problem(i, "the identity of an existing column cannot be changed")];
    });
  return after.flatMap((column, i) => {
    const previous = before.find(({ name }) => name === column.name);
    const isSame =
      previous === undefined ||
      (textOrEmpty(previous, "comment") === textOrEmpty(column, "comment") &&
        (previous.nullable !== false) === (column.nullable !== false));
    return isSame
      ? []
      : [
          problem(
            i,
            "the number of columns and a column that stays cannot both be changed in one deploy: deploy one of the changes first",
          ),
        ];
  });
}
