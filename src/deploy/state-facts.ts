/** Makes the facts of an empty plan from the state, as `terraform show -json` would contain them. */
import { schemaOf, type Block } from "../resources/shape/schema";
import type { PlanChange, PlanFacts } from "../review/plan/plan";
import { textsOf } from "../terraform/references";
import type { StateInstance, StateResource, StreamedState } from "../terraform/state-format";
import type { DeployTarget } from "./target";

/** The parts of `terraform show -json` that a review reads, for an empty plan. */
export function factsOf({ stack, terraform }: DeployTarget, state: StreamedState): PlanFacts {
  const changes = function* (): Generator<PlanChange> {
    for (const resource of state.resources)
      if (resource.mode === "managed") yield unchangedChange(resource);
  };
  const declared = Object.entries(stack.json.variable ?? {});
  return {
    changes: { [Symbol.iterator]: changes },
    drift: [],
    outputs: Object.entries(state.outputs ?? {}).map(([name, { value, sensitive = false }]) => ({
      name,
      before: value,
      after: value,
      afterUnknown: false,
      beforeSensitive: sensitive,
      afterSensitive: sensitive,
      actions: ["no-op"],
    })),
    secrets: declared.flatMap(([variable, { sensitive, default: value }]) =>
      sensitive === true
        ? textsOf(terraform.variables[variable] ?? value).map((text) => ({ variable, value: text }))
        : [],
    ),
    variables: Object.fromEntries(
      declared.flatMap(([name, { sensitive, default: value }]) =>
        sensitive === true ? [] : [[name, value]],
      ),
    ),
    modules: undefined,
    checks: undefined,
    errored: false,
    complete: true,
  };
}

function unchangedChange({ type, name, instances }: StateResource): PlanChange {
  const [instance] = instances as readonly (StateInstance & {
    readonly sensitive_attributes?: readonly unknown[];
  })[];
  const attributes = instance?.attributes;
  const sensitive = sensitiveIn(schemaOf(type)?.block, attributes) ?? {};
  for (const steps of instance?.sensitive_attributes ?? []) markAt(sensitive, steps);
  return {
    address: `${type}.${name}`,
    mode: "managed",
    type,
    name,
    actions: ["no-op"],
    importing: false,
    before: attributes,
    after: attributes,
    afterUnknown: {},
    beforeSensitive: sensitive,
    afterSensitive: sensitive,
    replacePaths: [],
  };
}

type Marks = Record<string | number, unknown>;

/** Marks the sensitive attributes of the schema, in the shape of the value. */
function sensitiveIn(block: Block | undefined, value: unknown): Marks | undefined {
  if (
    block === undefined ||
    typeof value !== "object" ||
    value === null ||
    !hasSensitiveAttribute(block)
  )
    return undefined;
  const marks: Marks = {};
  for (const [name, { sensitive }] of Object.entries(block.attributes))
    if (sensitive === true) marks[name] = true;
  for (const [name, { block: inner }] of Object.entries(block.blocks)) {
    const blocks = (value as Marks)[name];
    const nestedMarks = Array.isArray(blocks)
      ? blocks.map((block: unknown) => sensitiveIn(inner, block) ?? {})
      : sensitiveIn(inner, blocks);
    if (nestedMarks !== undefined) marks[name] = nestedMarks;
  }
  return marks;
}

const sensitiveByBlock = new WeakMap<Block, boolean>();

/** Whether a block or one of its nested blocks has a sensitive attribute. */
function hasSensitiveAttribute(block: Block): boolean {
  const cached = sensitiveByBlock.get(block);
  if (cached !== undefined) return cached;
  const hasSensitive =
    Object.values(block.attributes).some(({ sensitive }) => sensitive === true) ||
    Object.values(block.blocks).some(({ block: inner }) => hasSensitiveAttribute(inner));
  sensitiveByBlock.set(block, hasSensitive);
  return hasSensitive;
}

/**
 * @param steps a path of the state file: `[{ type: "get_attr", value: "x" }, { type: "index",
 * value: { value: 0, type: "number" } }]`
 */
function markAt(marks: Marks, steps: unknown): void {
  const keys = (Array.isArray(steps) ? (steps as unknown[]) : []).map(keyOf);
  let level = marks;
  for (const [index, key] of keys.entries()) {
    if (key === undefined || level[key] === true) return;
    if (index === keys.length - 1) level[key] = true;
    else level = (level[key] ??= typeof keys[index + 1] === "number" ? [] : {}) as Marks;
  }
}

function keyOf(step: unknown): string | number | undefined {
  const { value } = (step ?? {}) as { value?: unknown };
  const key =
    typeof value === "object" && value !== null ? (value as { value?: unknown }).value : value;
  return typeof key === "string" || typeof key === "number" ? key : undefined;
}
