/** Inherited values in the recordings of the official provider, which plans lists by position. */
import { findKind } from "../../../src/resources";
import { schemaOf, type Block } from "../../../src/resources/shape/schema";
import { findInherited, type Inherited } from "../../../src/review/changes/inherited";
import { unsetValuesOf } from "../../../src/verify/desired/unset-values";
import {
  caseNames,
  loadCase,
  type JsonObject,
  type PlannedResource,
} from "../../support/replay-format";

type Sides = Record<"before" | "after", JsonObject>;

const sidesOf = ({ changes = {} }: PlannedResource): Sides => ({
  before: Object.fromEntries(Object.entries(changes).map(([name, { before }]) => [name, before])),
  after: Object.fromEntries(Object.entries(changes).map(([name, { after }]) => [name, after])),
});
const codeAt = (config: JsonObject, address: string): JsonObject | undefined => {
  const [type = "", name = ""] = address.split(".");
  return (config["resource"] as Record<string, Record<string, JsonObject>> | undefined)?.[type]?.[
    name
  ];
};
const inheritedIn = (address: string, sides: Sides, code: unknown): readonly Inherited[] => {
  const rules = findKind(address.split(".")[0] ?? "")?.rules;
  return rules === undefined ? [] : findInherited(sides, code, rules);
};

/** The code's expressions, as a plan lists them. */
function expressionsOf(code: JsonObject, block: Block | undefined): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(code).map(([name, value]): [string, unknown] => {
      const nested = block?.blocks[name]?.block;
      if (nested === undefined) return [name, { constant_value: value }];
      return [
        name,
        (Array.isArray(value) ? value : [value]).map((item) =>
          expressionsOf(item as JsonObject, nested),
        ),
      ];
    }),
  );
}

const steps = caseNames().flatMap((name) => {
  const recording = loadCase(name);
  let { config } = recording;
  return recording.steps.map((step) => {
    config = step.config ?? config;
    return { name, step, config };
  });
});

test("no value of a recorded plan or state is reported as inherited, since all are the platform's defaults", () => {
  const plans = steps.flatMap(({ name, step, config }) =>
    Object.entries(typeof step.plan === "object" ? (step.plan.resources ?? {}) : {})
      .filter(([, { actions }]) => actions.join() === "update")
      .map(([address, plan]) => ({
        name,
        values: inheritedIn(address, sidesOf(plan), codeAt(config, address)),
      })),
  );
  const states = steps.flatMap(({ name, step, config }) =>
    Object.entries(step.state ?? {}).flatMap(([address, { attributes }]) => {
      const code = codeAt(config, address);
      const type = address.split(".")[0] ?? "";
      if (code === undefined) return [];
      return [
        {
          name,
          values: unsetValuesOf(type, attributes, {
            expressions: expressionsOf(code, schemaOf(type)?.block),
          }).values,
        },
      ];
    }),
  );
  expect([...plans, ...states].filter(({ values }) => values.length > 0)).toEqual([]);
  expect([plans.length > 40, states.length > 150]).toEqual([true, true]);
});

test("a recorded plan with a different value at the position of an inserted task is reported as inherited", () => {
  const { step, config } =
    steps.find(
      ({ name, step }) =>
        name === "job-unsorted-tasks" && step.step === "update: add a task in the middle",
    ) ?? {};
  const address = "databricks_job.this";
  const plan = typeof step?.plan === "object" ? step.plan.resources?.[address] : undefined;
  if (plan === undefined || config === undefined) throw new Error("no such plan");
  const sides = structuredClone(sidesOf(plan));
  const [tasksBefore, tasksAfter] = [sides.before["task"], sides.after["task"]] as [
    JsonObject[],
    JsonObject[],
  ];
  // The official provider passes the first task's value to the task that is now first.
  expect([
    tasksBefore[0]?.["task_key"],
    tasksAfter[0]?.["task_key"],
    tasksAfter[0]?.["run_if"],
  ]).toEqual(["alpha", "beta", tasksBefore[0]?.["run_if"]]);
  for (const task of [tasksBefore[0], tasksAfter[0]])
    Object.assign(task ?? {}, { run_if: "ALL_FAILED" });
  expect(inheritedIn(address, sides, codeAt(config, address))).toEqual([
    { field: "task[beta].run_if", value: "ALL_FAILED", from: "task[alpha]" },
  ]);
});
