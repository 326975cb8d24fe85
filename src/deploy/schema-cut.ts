import { LakeformError } from "../errors";
import { cutFile, readConfiguration, usesOf } from "../resources/cut/cut-file";
import { stateOfPlan, type StateVersion } from "../resources/cut/saved-plan";
import type { Uses } from "../resources/cut/schema-cut";
import { discardPlan, makePlan, type PlanOptions, type SavedPlan } from "../terraform/plan";
import { streamWholeState } from "../terraform/state";
import type { StreamedState } from "../terraform/state-format";
import type { RawReport } from "../verify/model";
import type { DeployEvents, DeployTarget } from "./target";

interface Cut {
  readonly uses: Uses;
  readonly configuration: string;
  /** The version of the state that the cut was computed from. */
  readonly state: StateVersion | undefined;
}

/**
 * Like `makePlan`, with the provider's schema cut to the fields that the stack uses. Plans again
 * with a larger cut if the workspace has a value outside the cut, and with the full schema if
 * another process wrote the state during the plan.
 * @param report the latest verification: the cut includes the fields that have drifted
 * @param partialState the state, if only a part of the stack is planned: the cut includes every
 * field in that state, because Terraform keeps the resources outside the plan as they are
 */
export async function planWithCut(
  { terraform, stack }: Pick<DeployTarget, "terraform" | "stack">,
  options: PlanOptions,
  events: Pick<DeployEvents, "note">,
  report?: Pick<RawReport, "resources">,
  partialState?: StreamedState,
): Promise<SavedPlan> {
  const cut = await cutOf({ terraform, stack }, report, partialState);
  if (cut === undefined) return makePlan(terraform, stack, options);
  const planOnce = (): Promise<SavedPlan> =>
    makePlan(terraform, stack, {
      ...options,
      schemaCut: cutFile(stack.directory, cut.configuration, cut.uses.cut()),
    });
  let plan: SavedPlan;
  try {
    plan = await planOnce();
  } catch (error) {
    if (!(error instanceof LakeformError && error.code === "SCHEMA_CUT_TOO_NARROW")) throw error;
    const types = error.details.value ?? "";
    events.note(
      `SCHEMA_CUT_TOO_NARROW: the workspace has values that ${stack.name} does not use: planning again with the full schema of ${types}`,
    );
    for (const type of types.split(", ")) cut.uses.addType(type);
    plan = await planOnce();
  }
  if (sameState(stateOfPlan(plan.file), cut.state)) return plan;
  discardPlan(plan);
  events.note(
    `the state of ${stack.name} was written by another process in the meantime: planning again with the full schema`,
  );
  return makePlan(terraform, stack, options);
}

function sameState(
  plannedVersion: StateVersion | undefined,
  readVersion: StateVersion | undefined,
): boolean {
  return readVersion === undefined
    ? (plannedVersion?.serial ?? 0) === 0
    : plannedVersion?.lineage === readVersion.lineage &&
        plannedVersion.serial === readVersion.serial;
}

async function cutOf(
  { terraform, stack }: Pick<DeployTarget, "terraform" | "stack">,
  report?: Pick<RawReport, "resources">,
  partialState?: StreamedState,
): Promise<Cut | undefined> {
  if (terraform.mirror === undefined || terraform.env["LAKEFORM_SCHEMA_CUT"] === "full")
    return undefined;
  const configuration = readConfiguration(stack.directory);
  const uses = usesOf(configuration);
  if (configuration === undefined || uses === undefined) return undefined;
  const state = partialState ?? (await streamWholeState(terraform, stack));
  for (const { type, mode, instances } of state?.resources ?? [])
    for (const { attributes } of instances) {
      if (partialState === undefined) uses.addState(type, mode, attributes);
      else uses.addCompleteState(type, mode, attributes);
    }
  for (const { stack: name, kind, findings } of report?.resources ?? []) {
    if (name === stack.name) for (const { field } of findings) uses.addPath(kind, field);
  }
  return {
    uses,
    configuration: configuration.hash,
    state: state && { lineage: state.lineage, serial: state.serial },
  };
}
