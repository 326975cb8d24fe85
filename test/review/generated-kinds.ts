import { isSensitive, schemaOf } from "../../src/resources/shape/schema";
import { renderJson, review, type FieldChange, type Review } from "../../src/review";
import { readSchema, schemaProblems } from "../support/json-schema";
import { seeded, type Random } from "./generator";
import {
  allTypes,
  editOf,
  makeEntry,
  makeValues,
  type Entry,
  type Json,
  type Values,
} from "./generator-kinds";
import { planOf, stackOf, type Planned } from "./plans";

interface PlanCase {
  readonly seed: number;
  readonly stacks: readonly { readonly name: string; readonly entries: readonly Entry[] }[];
}

/**
 * Returns a case with one to three stacks of one to four resources. The kinds follow each other from
 * case to case, so that all of them occur.
 */
function makePlanCase(seed: number): PlanCase {
  const random = seeded(seed + 100_000);
  const count = 1 + Math.floor(random() * 3);
  let next = seed;
  const stacks = Array.from({ length: count }, (_, index) => ({
    name: `etl-${index}-dev`,
    entries: Array.from({ length: 1 + Math.floor(random() * 4) }, (__, index) =>
      makeEntry(random, allTypes[next++ % allTypes.length] ?? "", `r${index}`),
    ),
  }));
  return { seed, stacks };
}

const plannedOf = ({
  type,
  name,
  action,
  before,
  after,
  edits,
  unknown,
  sensitive,
  replacePaths,
}: Entry): Planned => ({
  type,
  name,
  ...(before === undefined ? {} : { before }),
  ...(after === undefined ? {} : { after }),
  // The code contains the edits, also of unknown values.
  config:
    action === "delete"
      ? null
      : {
          ...after,
          ...Object.fromEntries(
            edits
              .filter(({ path }) => !path.includes("."))
              .map(({ path, values }) => [
                path,
                unknown?.[path] === true ? "${databricks_job.other.id}" : (values?.after ?? null),
              ]),
          ),
        },
  ...(unknown === undefined ? {} : { unknown }),
  ...(sensitive === undefined ? {} : { sensitive, beforeSensitive: sensitive }),
  ...(replacePaths === undefined ? {} : { replacePaths }),
  ...(action === "no-op" ? { actions: ["no-op"] } : {}),
});
const reviewOf = ({ stacks }: Pick<PlanCase, "stacks">): Review =>
  review({
    stacks: stacks.map(({ name, entries }) => ({
      name,
      stack: stackOf(entries.map(plannedOf)),
      plan: planOf(entries.map(plannedOf)),
    })),
    today: "2026-01-01",
  });

const overlap = (a: string, b: string): boolean =>
  a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);
const actionOf = ({ action }: Entry): string =>
  action === "sensitive" || action === "unknown" ? "update" : action;
/** Returns a copy with lists in the same order, and with the keys of maps and blocks reversed. */
const reorderKeys = (value: Json): Json =>
  Array.isArray(value)
    ? value.map(reorderKeys)
    : typeof value === "object" && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([key, inner]) => [key, reorderKeys(inner)]),
        )
      : value;
const reorderEntry = (entry: Entry): Entry => ({
  ...entry,
  ...(entry.before === undefined ? {} : { before: reorderKeys(entry.before) as Values }),
  ...(entry.after === undefined ? {} : { after: reorderKeys(entry.after) as Values }),
});

/** @param cases the number of plans, with the seeds 0, 1, 2, … */
export function describeGeneratedKinds(cases: number): void {
  const planCases = Array.from({ length: cases }, (_, seed) => makePlanCase(seed));
  const reviews = new Map<PlanCase, Review>();
  const cachedReview = (planCase: PlanCase): Review => {
    const cached = reviews.get(planCase) ?? reviewOf(planCase);
    reviews.set(planCase, cached);
    return cached;
  };
  const forEachChange = (
    check: (entry: Entry, fields: readonly FieldChange[], where: string) => void,
  ): void => {
    for (const planCase of planCases) {
      cachedReview(planCase).stacks.forEach((stack, index) => {
        for (const entry of planCase.stacks[index]?.entries ?? []) {
          const address = `${entry.type}.${entry.name}`;
          check(
            entry,
            stack.changes.find((change) => change.address === address)?.fields ?? [],
            `seed ${planCase.seed} ${stack.stack} ${address}`,
          );
        }
      });
    }
  };

  describe(`${cases} generated plans of all kinds`, () => {
    it("contain every kind, every action, hidden and unknown values", () => {
      const entries = planCases.flatMap(({ stacks }) =>
        stacks.flatMap(({ entries: stackEntries }) => stackEntries),
      );
      expect(new Set(entries.map(({ type }) => type))).toEqual(new Set(allTypes));
      expect(new Set(entries.map(({ action }) => action)).size).toBe(7);
    });

    it("show exactly the changes of the plan, each with its action", () => {
      for (const planCase of planCases) {
        const summary = cachedReview(planCase).stacks.map(({ changes, counts }) => ({
          changes: changes.map(({ address, action }) => `${action} ${address}`).sort(),
          unchanged: counts.unchanged,
        }));
        const planned = planCase.stacks.map(({ entries }) => ({
          changes: entries
            .filter(({ action }) => action !== "no-op")
            .map((entry) => `${actionOf(entry)} ${entry.type}.${entry.name}`)
            .sort(),
          unchanged: entries.filter(({ action }) => action === "no-op").length,
        }));
        expect({ seed: planCase.seed, summary }).toEqual({ seed: planCase.seed, summary: planned });
      }
    });

    it("show exactly the edited fields", () => {
      forEachChange((entry, fields, where) => {
        if (entry.action === "create" || entry.action === "delete") return;
        const missed = entry.edits
          .filter(({ path }) => !fields.some(({ field }) => overlap(field, path)))
          .map(({ path }) => path);
        const unexpected = fields
          .filter(({ field }) => !entry.edits.some(({ path }) => overlap(field, path)))
          .map(({ path }) => path);
        expect({ where, missed, unexpected }).toEqual({ where, missed: [], unexpected: [] });
      });
    });

    it("show the plan's values, hide sensitive ones, name unknown ones, and mark fields that force a replacement", () => {
      forEachChange((entry, fields, where) => {
        for (const { path, values } of entry.edits) {
          if (values === undefined || values.before === null || values.after === null) continue;
          const change = fields.find((field) => field.path === path);
          if (change === undefined) continue;
          const { before, after, forces } = change;
          const hidden = { before: { $lakeform: "sensitive" }, after: { $lakeform: "sensitive" } };
          if (entry.sensitive?.[path] === true || isHidden(entry.type, path))
            expect({ where, before, after }).toMatchObject({ where, ...hidden });
          else if (entry.unknown?.[path] === true)
            expect({ where, before, after }).toEqual({
              where,
              before: values.before,
              after: { $lakeform: "unknown", from: "databricks_job.other.id" },
            });
          else expect({ where, before, after }).toEqual({ where, ...values });
          if (entry.replacePaths?.[0]?.[0] === path)
            expect({ where, forces }).toEqual({ where, forces: true });
        }
      });
    });

    it("have every change in exactly one group", () => {
      for (const planCase of planCases) {
        for (const { groups, changes } of cachedReview(planCase).stacks) {
          expect(groups.flatMap(({ members }) => members).sort((a, b) => a - b)).toEqual(
            changes.map((_, index) => index),
          );
        }
      }
    });

    it("match the published schema in the JSON review", () => {
      const schema = readSchema("docs/schemas/review.schema.json");
      for (const planCase of planCases)
        expect({
          seed: planCase.seed,
          problems: schemaProblems(JSON.parse(renderJson(cachedReview(planCase))), schema),
        }).toEqual({
          seed: planCase.seed,
          problems: [],
        });
    });

    it("have equal digests exactly if the changes are equal", () => {
      const firstSeed = new Map<string, number>();
      for (const planCase of planCases) {
        const { digest } = cachedReview(planCase);
        const same = reviewOf({
          stacks: [...planCase.stacks].reverse().map(({ name, entries }) => ({
            name,
            entries: [...entries].reverse().map(reorderEntry),
          })),
        });
        expect({ seed: planCase.seed, digest: same.digest }).toEqual({
          seed: planCase.seed,
          digest,
        });
        const isUnchanged = planCase.stacks.every(({ entries }) =>
          entries.every(({ action }) => action === "no-op"),
        );
        if (!isUnchanged) {
          expect({ seed: planCase.seed, other: firstSeed.get(digest) }).toEqual({
            seed: planCase.seed,
            other: undefined,
          });
          firstSeed.set(digest, planCase.seed);
        }
        const changed = addChange(seeded(planCase.seed + 200_000), planCase);
        expect({ seed: planCase.seed, digest: reviewOf(changed).digest }).not.toEqual({
          seed: planCase.seed,
          digest,
        });
      }
    });

    it("fold the same change on many resources and recognise a rename, without hiding anything", () => {
      for (const type of allTypes) {
        const random = seeded(type.length * 31);
        const before = makeValues(random, type);
        const { after, edits } = editOf(random, type, before);
        const manyEntries = Array.from({ length: 20 }, (_, index): Entry => ({
          type,
          name: `r${index}`,
          action: "update",
          before,
          after,
          edits,
        }));
        const oldEntry: Entry = { type, name: "old", action: "delete", before, edits: [] };
        const renamed: Entry = {
          type,
          name: "new",
          action: "create",
          after: { ...before, id: null },
          edits: [],
        };
        const [stack] = reviewOf({
          stacks: [{ name: "etl-dev", entries: [...manyEntries, oldEntry, renamed] }],
        }).stacks;
        expect({ type, counts: stack?.counts }).toMatchObject({
          type,
          counts: { update: 20, create: 1, delete: 1 },
        });
        expect({ type, groups: stack?.groups.map(({ members }) => members.length).sort() }).toEqual(
          { type, groups: [1, 1, 20] },
        );
        expect({ type, renames: stack?.renames.map(({ from, to }) => [from, to]) }).toEqual({
          type,
          // Without a value, two objects cannot be recognised as the same.
          renames: Object.entries(before).some(([name, value]) => name !== "id" && value !== null)
            ? [[`${type}.old`, `${type}.new`]]
            : [],
        });
      }
    });
  });
}

/** Whether the schema marks the field as sensitive. */
function isHidden(type: string, path: string): boolean {
  const schema = schemaOf(type);
  return schema !== undefined && isSensitive(schema, path.replaceAll(/\[[^\]]*\]/g, ""));
}

/** Returns a copy of a case with one more change. */
function addChange(random: Random, { stacks }: PlanCase): Pick<PlanCase, "stacks"> {
  const [first, ...rest] = stacks;
  if (first === undefined) return { stacks };
  const type = allTypes[Math.floor(random() * allTypes.length)] ?? "";
  const before = makeValues(random, type);
  const more: Entry = {
    type,
    name: "more",
    action: "update",
    before,
    ...editOf(random, type, before),
  };
  return { stacks: [{ ...first, entries: [...first.entries, more] }, ...rest] };
}
