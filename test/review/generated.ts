import { renderJson, review, type FieldChange, type Review } from "../../src/review";
import { readSchema, schemaProblems } from "../support/json-schema";
import {
  changedLeaves,
  inputOf,
  leaves,
  makeCase,
  planned,
  seeded,
  shuffle,
  type Case,
} from "./generator";

const cachedReviews = new WeakMap<Case, Review>();
/** Returns the review of a case, which is computed once for all tests. */
function reviewOf(testCase: Case): Review {
  const result =
    cachedReviews.get(testCase) ??
    review({ stacks: [inputOf([planned(testCase)])], today: "2026-01-01" });
  cachedReviews.set(testCase, result);
  return result;
}
const fieldsOf = (testCase: Case): readonly FieldChange[] =>
  reviewOf(testCase).stacks[0]?.changes[0]?.fields ?? [];
const digestOf = (...cases: readonly Case[]): string =>
  review({
    stacks: [inputOf(cases.map((testCase, index) => planned(testCase, `j${index}`)))],
    today: "2026-01-01",
  }).digest;
const covers = (field: FieldChange, leaf: string): boolean =>
  leaf === field.path ||
  (leaf.startsWith(field.path) && /^[.[]/.test(leaf.slice(field.path.length)));

/** @param cases the number of plan pairs, with the seeds 0, 1, 2, … */
export function describeGenerated(cases: number): void {
  const pairs = Array.from({ length: cases }, (_, seed) => ({
    seed,
    firstCase: makeCase(seeded(seed)),
  }));
  describe(`${cases} generated plan pairs`, () => {
    it("show every field that the plan changes", () => {
      for (const { seed, firstCase } of pairs) {
        const fields = fieldsOf(firstCase);
        const missed = changedLeaves(firstCase.before, firstCase.after).filter(
          (leaf) => !fields.some((field) => covers(field, leaf)),
        );
        expect({ seed, missed }).toEqual({ seed, missed: [] });
      }
    });

    it("show no field that the plan does not change", () => {
      for (const { seed, firstCase } of pairs) {
        const changed = new Set(changedLeaves(firstCase.before, firstCase.after));
        const [before, after] = [leaves(firstCase.before), leaves(firstCase.after)];
        const unexpected = fieldsOf(firstCase).flatMap((field) => {
          const inside = [...new Set([...before.keys(), ...after.keys()])].filter((leaf) =>
            covers(field, leaf),
          );
          return inside.length > 0 && inside.every((leaf) => changed.has(leaf)) ? [] : [field.path];
        });
        expect({ seed, unexpected }).toEqual({ seed, unexpected: [] });
      }
    });

    it("match the published schema in the JSON review", () => {
      const schema = readSchema("docs/schemas/review.schema.json");
      for (const { seed, firstCase } of pairs) {
        expect({
          seed,
          problems: schemaProblems(JSON.parse(renderJson(reviewOf(firstCase))), schema),
        }).toEqual({ seed, problems: [] });
      }
    });

    it("show the plan's values", () => {
      for (const { seed, firstCase } of pairs) {
        const [before, after] = [leaves(firstCase.before), leaves(firstCase.after)];
        const scalars = fieldsOf(firstCase).filter(({ kind }) => kind === "changed");
        const unexpected = scalars.filter(
          (field) =>
            JSON.stringify(field.before) !== before.get(field.path) ||
            JSON.stringify(field.after) !== after.get(field.path),
        );
        expect({ seed, unexpected }).toEqual({ seed, unexpected: [] });
      }
    });

    it("have a digest that does not depend on any order", () => {
      for (const { seed, firstCase } of pairs.slice(0, 300)) {
        const random = seeded(seed + 5000);
        const other = makeCase(random);
        const same = {
          before: shuffle(random, firstCase.before) as Case["before"],
          after: shuffle(random, firstCase.after) as Case["after"],
        };
        expect({ seed, digest: digestOf(same) }).toEqual({ seed, digest: digestOf(firstCase) });
        const resources = [planned(firstCase, "a"), planned(other, "b")];
        const digests = [resources, [...resources].reverse()].map(
          (order) => review({ stacks: [inputOf(order)], today: "2026-01-01" }).digest,
        );
        expect({ seed, second: digests[1] }).toEqual({ seed, second: digests[0] });
      }
    });

    it("have equal digests exactly if the stack and its changes are equal", () => {
      const byChanges = new Map<string, string>();
      const byDigest = new Map<string, string>();
      for (const { firstCase } of pairs) {
        const [before, after] = [leaves(firstCase.before), leaves(firstCase.after)];
        const changed = changedLeaves(firstCase.before, firstCase.after, true).map((leaf) => [
          leaf,
          before.get(leaf),
          after.get(leaf),
        ]);
        const changes = JSON.stringify([changed, [...after].sort()]);
        const digest = digestOf(firstCase);
        expect(byChanges.get(changes) ?? digest).toBe(digest);
        expect(byDigest.get(digest) ?? changes).toBe(changes);
        byChanges.set(changes, digest);
        byDigest.set(digest, changes);
      }
    });
  });
}
