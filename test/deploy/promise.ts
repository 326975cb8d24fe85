/**
 * The changes that a review announces for `deploy --heal`, and the writes of healing: without
 * Terraform, and with an empty plan.
 */
import { heal } from "../../src/deploy/heal";
import { reviewFully, type HealingInput } from "../../src/review";
import type { LeftOut } from "../../src/review/model";
import type { DeploymentRecord } from "../../src/verify/deployed/record";
import type { JournalEntry } from "../../src/workspace/journal";
import {
  checkFully,
  deployDirect,
  metadataFor,
  type Deployed,
  type Lab,
  type Resources,
} from "../verify/harness";
import type { Verification } from "../../src/verify";

const noEvents = { step: () => undefined, note: () => undefined, terraform: () => undefined };

export interface HealOutcome {
  /** Addresses of the objects that the review announces, and of those that healing wrote. */
  readonly announced: readonly string[];
  readonly written: readonly string[];
  /**
   * The ids of the announced objects, and those in the calls of healing that the workspace
   * received.
   */
  readonly announcedIds: readonly string[];
  readonly calledIds: readonly string[];
  /** Announced changes that healing does not make. */
  readonly notHealed: readonly LeftOut[];
  /** The changes that a second review announces after healing. */
  readonly announcedAgain: readonly string[];
}

export const recordOf = (
  stack: Deployed["stack"],
  fields: Partial<DeploymentRecord> = {},
): DeploymentRecord => ({
  version: 1,
  project: "lab",
  environment: "local",
  stack: "lab-local",
  deployedAt: "2026-01-01T00:00:00.000Z",
  deployedBy: "me",
  versions: {},
  state: { lineage: "lab", serial: 1 },
  synthesized: stack,
  content: {},
  secrets: {},
  ...fields,
});

/**
 * Deploys `before`, reviews `after`, and heals, twice.
 * @param changeManually changes the workspace between the deploy and the review
 */
export async function promiseAndHeal(
  lab: Lab,
  resourcesBefore: Resources,
  resourcesAfter: Resources,
  changeManually?: (deployed: Deployed) => Promise<void>,
): Promise<HealOutcome> {
  const deployed = await deployDirect(lab, resourcesBefore);
  await changeManually?.(deployed);
  const record = recordOf(deployed.stack);
  const stack = { resource: resourcesAfter, "//": { lakeform: metadataFor(resourcesAfter) } };
  const reviewAgain = async (): Promise<{
    verified: Verification;
    leftOut: readonly LeftOut[];
    clear: HealingInput["leftOut"];
  }> => {
    const verification = await checkFully(lab, deployed, {
      stack,
      record,
      deep: true,
      unmanaged: "none",
    });
    const resource_changes = Object.entries(resourcesAfter).flatMap(([type, resourcesByName]) =>
      Object.keys(resourcesByName).map((name) => noChange(type, name)),
    );
    const plan = { format_version: "1.2", resource_changes };
    const input = {
      name: "lab-local",
      stack,
      plan,
      verify: { resources: verification.raw.resources, redactor: verification.redactor },
      previous: deployed.stack,
      heal: true,
    };
    const fullReview = reviewFully({ stacks: [input], today: "2026-01-01" });
    return {
      verified: verification,
      leftOut: fullReview.review.stacks[0]?.leftOut ?? [],
      clear: fullReview.healing.get("lab-local")?.leftOut ?? [],
    };
  };
  const { verified, leftOut, clear } = await reviewAgain();
  const target = { client: lab.client, stack: { name: "lab-local", directory: "/nowhere" } };
  callsSince(lab);
  const healed = await heal(target, verified, noEvents, () => clear);
  const writes = callsSince(lab).filter(({ method }) => method !== "GET");
  const announcedAddresses = addresses(leftOut.filter(({ heals }) => heals));
  return {
    announced: announcedAddresses,
    announcedIds: verified.report.resources
      .flatMap(({ address, id }) => (announcedAddresses.includes(address) ? [id ?? ""] : []))
      .sort(),
    calledIds: [
      ...new Set(writes.map(({ body }) => String((body as { job_id?: unknown } | null)?.job_id))),
    ].sort(),
    written: addresses(healed),
    notHealed: leftOut.filter(({ heals }) => !heals),
    announcedAgain: addresses((await reviewAgain()).leftOut.filter(({ heals }) => heals)),
  };
}

const lastSequence = new WeakMap<Lab, number>();

/** Returns the calls that the workspace has served since the last call of this function. */
function callsSince(lab: Lab): JournalEntry[] {
  const calls: JournalEntry[] = [];
  for (;;) {
    const page = lab.workspace.journal({ after: lastSequence.get(lab) ?? 0 });
    if (page.length === 0) return calls;
    calls.push(...page);
    lastSequence.set(lab, page.at(-1)?.sequence ?? 0);
  }
}

const addresses = (list: readonly { readonly address: string }[]): string[] =>
  [...new Set(list.map(({ address }) => address))].sort();

const noChange = (type: string, name: string): object => ({
  address: `${type}.${name}`,
  mode: "managed",
  type,
  name,
  change: { actions: ["no-op"], before: {}, after: {} },
});
