/** Collects what the review of one stack needs besides its plan. */
import { defined } from "../defined";
import type { StackInput } from "../review";
import { readArtifacts } from "../review/changes/artifacts";
import { readOtherFiles } from "../review/plan/other-files";
import type { PlanFacts } from "../review/plan/plan";
import { isReferenceOutput } from "../terraform/references";
import { providerEnvironment } from "../terraform/run";
import type { StackJson } from "../terraform/stack";
import type { Verification } from "../verify/model";
import { verificationOf } from "./check";
import type { LastDeploy } from "./empty-plan";
import { holdsSecrets } from "./known-state";
import type { PrepareOptions } from "./options";
import { withPreviousContent } from "./previous-content";
import type { Attempt } from "./record";
import type { DeployTarget } from "./target";
import { usersByAddress, type Upstream } from "./used-stacks";

export interface PlannedFacts {
  /** Warnings from Terraform. */
  readonly warnings: readonly string[];
  readonly facts: PlanFacts;
  readonly verified: readonly Verification[];
  readonly upstream: Upstream | undefined;
}

/** Collects the input of the review of a planned stack. */
export async function reviewInputOf(
  { target, record, unfinished }: { readonly target: DeployTarget } & LastDeploy,
  { warnings, facts, verified, upstream }: PlannedFacts,
  options: PrepareOptions,
): Promise<StackInput> {
  const { name, directory, json } = target.stack;
  const verification = verificationOf(name, verified);
  const { TF_DATA_DIR = ".terraform" } = providerEnvironment(target.terraform.mirror);
  const wasVerified = verification !== undefined;
  const notes = notesOf(unfinished, !wasVerified && options.destroy !== true, warnings);
  const stateReaders =
    options.destroy !== true && holdsSecrets(json)
      ? await target.terraform.states?.readers(target.stack)
      : undefined;
  const deployed = record?.synthesized as StackJson | undefined;
  const isUsed = [deployed, json].some((stack) =>
    Object.keys(stack?.output ?? {}).some(isReferenceOutput),
  );
  const hasRemovals =
    options.destroy !== true &&
    isUsed &&
    [...facts.changes].some(({ actions }) => actions.includes("delete"));
  return {
    name,
    stack: json,
    plan: facts,
    files: readOtherFiles(directory, TF_DATA_DIR),
    artifacts: await withPreviousContent(target.client, facts, readArtifacts(json, directory)),
    hidden: [...(target.terraform.secrets?.() ?? []), ...(upstream?.secrets ?? [])],
    notes: [...notes, ...(upstream?.notes ?? [])],
    ...defined({ stateReaders, references: upstream }),
    ...(wasVerified && {
      verify: { resources: verification.raw.resources, redactor: verification.redactor },
    }),
    ...defined({ previous: record?.synthesized }),
    ...(options.heal === true && { heal: true }),
    ...(hasRemovals && { usedBy: await usersByAddress(target, deployed) }),
    ...(options.destroy === true && { destroy: true }),
  };
}

function notesOf(
  unfinished: Attempt | undefined,
  isUnverified: boolean,
  warnings: readonly string[],
): string[] {
  const notes: string[] = [];
  if (unfinished !== undefined) {
    const end =
      unfinished.outcome === "failed"
        ? `failed (${unfinished.error ?? "no reason recorded"})`
        : "was interrupted";
    notes.push(
      `the last deploy, started ${unfinished.startedAt} by ${unfinished.by}, ${end}: this plan starts from its partial result`,
    );
  }
  if (isUnverified)
    notes.push(
      "the workspace was not verified first: drift that this deploy would overwrite is shown only if Terraform detects it",
    );
  return [...notes, ...warnings];
}
