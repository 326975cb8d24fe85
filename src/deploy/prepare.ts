import { review, type Review, type StackInput } from "../review";
import { findAllowances } from "../review/approval/allowances";
import { readArtifacts } from "../review/changes/artifacts";
import { readOtherFiles } from "../review/plan/other-files";
import { openPlanFile } from "../review/plan/plan-file";
import { discardPlan, initialize, writePlanJson, type SavedPlan } from "../terraform/plan";
import { providerEnvironment } from "../terraform/run";
import type { VerifyReport } from "../verify/model";
import type { DeploymentRecord } from "../verify/deployed/record";
import { checkWorkspaces } from "./check";
import { withPreviousContent } from "./previous-content";
import { RecordStore, type Attempt } from "./record";
import { whyRefresh } from "./refresh";
import { planWithCut } from "./schema-cut";
import type { DeployEvents, DeployTarget } from "./target";

export interface PrepareOptions {
  readonly destroy?: boolean;
  /** The deploy will also heal: what the plan leaves out belongs to the digest. */
  readonly heal?: boolean;
  /** Ask the workspace first what is different: the review then shows drift that would be overwritten, and what the plan leaves out. @default true */
  readonly verify?: boolean;
  readonly events: DeployEvents;
}

/** All that is known before anything is changed. */
export interface Prepared {
  readonly target: DeployTarget;
  readonly store: RecordStore;
  readonly record?: DeploymentRecord;
  /** The last try. */
  readonly last?: Attempt;
  /** It did not succeed. */
  readonly unfinished?: Attempt;
  readonly plan: SavedPlan;
}

export interface Preparation {
  readonly stacks: readonly Prepared[];
  readonly review: Review;
  /** What verify found before, one report a workspace; none when it was not asked. */
  readonly reports: readonly VerifyReport[];
}

/**
 * Plans each stack and reviews all of them together: what `lakeform review` shows, and what `lakeform deploy` shows again and compares with the approval.
 * The saved plans hold secrets: {@link discard} them.
 * @throws LakeformError TERRAFORM_FAILED, and all that the workspace can answer
 */
export async function prepare(targets: readonly DeployTarget[], options: PrepareOptions): Promise<Preparation> {
  const { events } = options;
  const stacks: Prepared[] = [];
  const inputs: StackInput[] = [];
  // Read while the review is made, and gone with it, whatever comes of it: secrets are in them in clear.
  const shown: string[] = [];
  try {
    const asked = options.verify !== false && options.destroy !== true;
    // As deep as a refresh would: it then is not needed where nothing has drifted.
    const reports = asked ? await checkWorkspaces(targets, { events, deep: true, compareState: true, unmanaged: "none" }) : [];
    const verified = { resources: reports.flatMap(({ resources }) => resources) };
    for (const target of targets) {
      const { name, directory, json, metadata } = target.stack;
      const store = new RecordStore(target.client, metadata.recordFolder);
      const found = options.destroy === true ? undefined : await store.readTrusted();
      const record = found !== undefined && "record" in found ? found.record : undefined;
      const attempt = await store.readAttempt();
      const unfinished = attempt !== undefined && attempt.outcome !== "succeeded" ? attempt : undefined;
      const report = reports.find(({ stacks: of }) => of.some((stack) => stack.name === name));
      const refresh = whyRefresh(json, report, name);
      events.step(
        `planning ${name}${asked ? ` (${refresh === undefined ? "without a refresh: verified as the state has it" : `with a refresh: ${refresh}`})` : ""}`,
      );
      await initialize(target.terraform, target.stack);
      const how = { ...(options.destroy === true && { destroy: true }), ...(refresh === undefined && { refresh: false }) };
      const plan = await planWithCut(target, { ...how, onProgress: events.terraform }, events, report);
      stacks.push({ target, store, plan, ...(record && { record }), ...(attempt && { last: attempt }), ...(unfinished && { unfinished }) });
      const file = await writePlanJson(target.terraform, plan);
      shown.push(file);
      const facts = openPlanFile(file);
      inputs.push({
        name,
        stack: json,
        plan: facts,
        files: readOtherFiles(directory, providerEnvironment(target.terraform.mirror).TF_DATA_DIR ?? ".terraform"),
        artifacts: await withPreviousContent(target.client, facts, readArtifacts(json, directory)),
        ...(target.terraform.secrets && { hidden: target.terraform.secrets() }),
        notes: notesOf(unfinished, !asked && options.destroy !== true, plan),
        ...(asked && { verify: verified }),
        ...(record && { previous: record.synthesized }),
        ...(options.heal === true && { heal: true }),
      });
    }
    const allowances = findAllowances(targets[0]?.stack.directory ?? ".");
    return { stacks, review: review({ stacks: inputs, allowances }), reports };
  } catch (error) {
    for (const { plan } of stacks) discardPlan(plan);
    throw error;
  } finally {
    for (const file of shown) discardPlan({ file });
  }
}

export function discard(preparation: Pick<Preparation, "stacks">): void {
  for (const { plan } of preparation.stacks) discardPlan(plan);
}

function notesOf(unfinished: Attempt | undefined, unasked: boolean, plan: SavedPlan): string[] {
  const notes: string[] = [];
  if (unfinished !== undefined) {
    const end = unfinished.outcome === "failed" ? `failed (${unfinished.error ?? "no reason recorded"})` : "was interrupted";
    notes.push(`the last deploy, started ${unfinished.startedAt} by ${unfinished.by}, ${end}: this plan starts from what it left behind`);
  }
  if (unasked)
    notes.push("the workspace was not verified first: drift that this deploy would overwrite is shown only as far as Terraform sees it");
  for (const warning of plan.warnings)
    notes.push(`Terraform warns: ${warning.summary}${warning.path === undefined ? "" : ` (${warning.path})`}`);
  return notes;
}
