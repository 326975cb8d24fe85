/** Applies a plan. For many changes, lakeform serves the local state to Terraform. */
import path from "node:path";
import type { LakeformError } from "../errors";
import { atInterrupt } from "../interrupt";
import { withBackendOf } from "../resources/cut/saved-plan";
import type { Review } from "../review";
import { LocalState } from "../state/local-state";
import { startStateServer, type ServedState } from "../state/server";
import type { Diagnostic } from "../terraform/json-lines";
import { applyPlan, discardPlan, newPlanFile, type SavedPlan } from "../terraform/plan";
import { runTerraform, type TerraformContext } from "../terraform/run";
import type { SynthesizedStack } from "../terraform/stack";
import { inScratchFolder } from "../terraform/state";
import { localStateFile } from "../terraform/state-file";
import { selectedWorkspace } from "../terraform/selected-workspace";
import type { DeployEvents, DeployTarget } from "./target";

/** With fewer changes, Terraform's local backend costs less than the two processes for serving. */
const minServedChanges = 40;

/**
 * Applies a saved plan.
 * @returns the warnings of the apply
 * @throws LakeformError TERRAFORM_FAILED: the plan may be partially applied; see the state
 */
export async function applyChanges(
  { terraform, stack }: DeployTarget,
  plan: SavedPlan,
  review: Review,
  events: DeployEvents,
): Promise<readonly Diagnostic[]> {
  const options = { onProgress: events.terraform };
  const workspace = selectedWorkspace(terraform);
  const file = localStateFile(stack, workspace);
  // Terraform sends a served state only every 20 seconds. After a kill, the creates that it lacks
  // are found only in the notes of the embedded provider (`mirror`).
  const isServable =
    file !== undefined &&
    workspace === "default" &&
    terraform.mirror !== undefined &&
    countChanges(review, stack.name) >= minServedChanges;
  if (!isServable) return applyPlan(terraform, stack, plan, options);
  const state = new LocalState(terraform, stack.name, file);
  const problems: LakeformError[] = [];
  const server = await startStateServer({
    storeOf: (name) => (name === stack.name ? state : emptyState),
    onProblem: (problem) => problems.push(problem),
    onLockRefused: () => undefined,
  });
  const removeInterruptHandler = atInterrupt(() => state.lock.releaseHeld());
  try {
    const stateServer = { ...server.environment, TF_HTTP_USERNAME: stack.name };
    const servedPlanFile = await copyForHttp(plan, stack, { ...terraform, stateServer });
    if (servedPlanFile === undefined) return await applyPlan(terraform, stack, plan, options);
    try {
      const servedTerraform = {
        ...terraform,
        stateServer: { ...stateServer, LAKEFORM_STATE_SERVED: "1" },
      };
      return await applyPlan(servedTerraform, stack, { ...plan, file: servedPlanFile }, options);
    } finally {
      discardPlan({ file: servedPlanFile });
    }
  } finally {
    removeInterruptHandler();
    await state.lock.releaseHeld();
    await server.close();
    const notes = problems.map(({ code, message }) => `${code}: ${message}`);
    for (const note of new Set(notes)) events.note(note);
  }
}

function countChanges({ stacks }: Review, name: string): number {
  const { counts } = stacks.find(({ stack }) => stack === name) ?? {};
  const { create = 0, update = 0, replace = 0, delete: destroyCount = 0 } = counts ?? {};
  return create + update + replace + destroyCount;
}

/** The state that Terraform reads for a plan without resources (see {@link copyForHttp}). */
const emptyState: ServedState = {
  stack: "no-stack/empty",
  read: () => Promise.resolve(undefined),
  write: () => Promise.resolve(),
  lock: {
    take: () => Promise.resolve(),
    release: () => Promise.resolve(),
    holder: () => Promise.resolve(undefined),
  },
};

/**
 * Copies a saved plan, with the `http` backend instead of the local one. The description of the
 * backend, which depends on Terraform's version, comes from a plan that Terraform makes with it.
 * @returns undefined for a plan that OpenTofu has encrypted
 */
async function copyForHttp(
  plan: SavedPlan,
  stack: SynthesizedStack,
  terraform: TerraformContext,
): Promise<string | undefined> {
  const stateServer = { ...terraform.stateServer, TF_HTTP_USERNAME: emptyState.stack };
  const httpBackend = { backend: { http: {} } };
  const content = await inScratchFolder(
    { ...terraform, stateServer },
    stack,
    httpBackend,
    "default",
    async (scratch) => {
      const file = path.join(scratch.directory, "http.tfplan");
      await runTerraform(scratch, ["plan", "-input=false", "-lock=false", `-out=${file}`]);
      return withBackendOf(plan.file, file);
    },
  );
  return content && newPlanFile(terraform.directory, content);
}
