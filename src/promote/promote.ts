import { whoAmI } from "../api/families/me";
import { isUnauthenticated } from "../api/transport/errors";
import { defined } from "../defined";
import { requireApproval, type Approval } from "../deploy/approval";
import { deploy, type DeployResult } from "../deploy/deploy";
import type { DeployOptions } from "../deploy/options";
import { discard, prepare } from "../deploy/prepare";
import type { DeployEvents, DeployTarget } from "../deploy/target";
import { LakeformError } from "../errors";
import type { Mask } from "../mask";
import type { Review } from "../review";
import { variablePrefix } from "../terraform/connection";
import type { PromotionEvidence } from "../verify/deployed/record";
import {
  checkEnvironmentDiff,
  checkGit,
  checkVerified,
  checkRuns,
  checkLastDeploy,
  readRecords,
  checkReview,
  checkArtifacts,
  type RequiredRuns,
} from "./evidence";
import { checkGates, type Gate, type GateName, type GateResult } from "./gates";
import { requireDefinedJobs, runSmokeJobs, type SmokeRun } from "./smoke";

export interface PromoteOptions {
  readonly from: readonly DeployTarget[];
  readonly to: readonly DeployTarget[];
  /** The environments of which all stacks are given. Their removed stacks are checked, too. */
  readonly environments?: readonly string[];
  readonly approval: Approval;
  /** Gates that do not stop the promotion if they fail, for the given `reason`. */
  readonly waived: ReadonlySet<GateName>;
  readonly reason?: string;
  /** The jobs of FROM that must have succeeded since the deploy. */
  readonly runs: RequiredRuns;
  /** Names of TO's jobs to run once after the deploy. */
  readonly smoke: readonly string[];
  /** Returns the user to record; called after both workspaces responded. */
  readonly by: () => Promise<string>;
  /** Versions of the tools, by name, for the record. */
  readonly versions: Readonly<Record<string, string>>;
  /** Hides the secrets of the project in the evidence. */
  readonly secrets: Mask;
  /** The id of a lock to break. */
  readonly breakLock?: string;
  readonly events: DeployEvents;
  /** Called with the result of each gate as soon as it is known. */
  readonly onGate: (result: GateResult) => void;
  readonly onReview: DeployOptions["onReview"];
  readonly now?: () => Date;
}

export interface PromoteResult {
  readonly from: string;
  readonly to: string;
  /** The results of the checked gates, in order. */
  readonly gates: readonly GateResult[];
  /** The digest of the review of TO; absent if an earlier gate stopped the promotion. */
  readonly digest?: string;
  /** The gate that stopped the promotion before any change to TO. */
  readonly closed?: GateResult;
  /** The result of the deploy to TO; absent if a gate stopped the promotion. */
  readonly deployed?: DeployResult;
  /** The runs of the smoke jobs; absent if there are none. */
  readonly smoke?: readonly SmokeRun[];
}

/**
 * Promotes the version tested in FROM to TO. The gates come first and change nothing in TO, so a
 * promotion can stop at any gate and be started again. An interrupted deploy leaves a record of its
 * attempt in TO's workspace, and the next promotion continues from there.
 *
 * @throws LakeformError NOT_AN_ENVIRONMENT, NOT_DEPLOYED, WRONG_ORDER, SAME_WORKSPACE,
 * NO_CREDENTIALS_FOR, RECORD_TAMPERED, UNKNOWN_JOB (smoke jobs), and all errors of deploy
 */
export async function promote(options: PromoteOptions): Promise<PromoteResult> {
  const names = { from: environmentOf(options.from), to: environmentOf(options.to) };
  checkOrder(options.from, names);
  requireDefinedJobs(options.to, options.smoke);
  await checkWorkspaces(options, names);
  const records = await readRecords(options.from);
  const { environments = [] } = options;
  const targetEnvironments = environments.filter((name) => name === names.to);
  const preparation: { review?: Review } = {};
  const gates: Gate[] = [
    {
      name: "git",
      title: "clean Git tree, commit recorded",
      check: () => checkGit(options.to.map(({ stack }) => stack)),
    },
    {
      name: "deployed",
      title: `the last deploy to ${names.from} succeeded`,
      check: () => checkLastDeploy(options.from, records),
    },
    {
      name: "artifacts",
      title: `artifacts match ${names.from}`,
      check: () => checkArtifacts(options.from, options.to, records),
    },
    {
      name: "verified",
      title: `${names.from} matches its code`,
      check: () =>
        checkVerified(
          options.from,
          options.events,
          environments.filter((name) => name === names.from),
        ),
    },
    {
      name: "runs",
      title: `the jobs of ${names.from} ran since its deploy`,
      check: () => {
        const requiredRuns = {
          ...options.runs,
          run: options.runs.run && !options.waived.has("runs"),
        };
        return checkRuns(
          options.from,
          records,
          requiredRuns,
          options.now ?? (() => new Date()),
          options.events,
        );
      },
    },
    {
      name: "environment-diff",
      title: "only allowed differences",
      check: () =>
        Promise.resolve(checkEnvironmentDiff(options.from, options.to, names, options.secrets)),
    },
    {
      name: "review",
      title: `review of ${names.to} under its policies`,
      check: async () => {
        const prepared = await prepare(options.to, {
          events: options.events,
          environments: targetEnvironments,
        });
        discard(prepared);
        preparation.review = prepared.review;
        options.onReview(prepared.review, []);
        return checkReview(prepared.review);
      },
    },
    {
      name: "approval",
      title: "approved by digest",
      check: async () => {
        if (preparation.review === undefined)
          throw new Error("the review gate comes before the approval");
        try {
          await requireApproval(preparation.review, options.approval, "promote");
        } catch (error) {
          if (!(error instanceof LakeformError) || error.details.exitCode !== 2) throw error;
          return {
            outcome: "failed",
            evidence: error.message,
            fix: `lakeform promote ${names.from} ${names.to} --approve ${preparation.review.digest}`,
          };
        }
        return { outcome: "passed", evidence: preparation.review.digest };
      },
    },
  ];
  const { results, closed } = await checkGates(
    gates,
    options.waived,
    options.reason,
    options.secrets,
    options.onGate,
  );
  const digest = preparation.review?.digest;
  const base = { ...names, gates: results, ...defined({ digest }) };
  if (closed !== undefined || digest === undefined) return { ...base, ...defined({ closed }) };

  const evidence: PromotionEvidence = {
    from: names.from,
    fromDeployedAt:
      [...records.values()]
        .map((record) => record.deployedAt)
        .sort()
        .at(-1) ?? "",
    gates: results.map(({ gate, outcome, evidence: gateEvidence, reason }) => ({
      gate,
      // No gate has failed here; only the type still allows it.
      outcome: outcome === "failed" ? "waived" : outcome,
      evidence: gateEvidence,
      ...defined({ reason }),
    })),
  };
  const deployResult = await deploy(options.to, {
    // The plan made for the gates is discarded. A different digest of the new plan means that the
    // workspace changed in between.
    approval: { kind: "digest", digest },
    by: await options.by(),
    versions: options.versions,
    events: options.events,
    onReview: () => undefined,
    environments: targetEnvironments,
    waiveFindings: options.waived.has("review"),
    promotion: evidence,
    ...defined({ breakLock: options.breakLock }),
  });
  const smoke =
    options.smoke.length === 0
      ? undefined
      : await runSmokeJobs(options.to, options.smoke, options.events);
  return { ...base, deployed: deployResult, ...defined({ smoke }) };
}

function environmentOf(targets: readonly DeployTarget[]): string {
  const names = new Set(targets.map((target) => target.stack.metadata.environment));
  if (names.size === 1) return [...names][0] ?? "";
  throw new LakeformError(
    "NOT_AN_ENVIRONMENT",
    "FROM and TO must each select the stacks of one environment",
    {
      value: [...names].join(", "),
      fix: "lakeform promote dev staging",
    },
  );
}

/**
 * Checks the order of promotion, which `defineEnvironments` writes to the profiles. Stacks without
 * such an order may be promoted in any order.
 */
function checkOrder(from: readonly DeployTarget[], names: { from: string; to: string }): void {
  const order = from[0]?.stack.metadata.profileSettings?.promotionOrder;
  if (!Array.isArray(order)) return;
  const path = order.filter((name): name is string => typeof name === "string");
  const [fromIndex, toIndex] = [path.indexOf(names.from), path.indexOf(names.to)];
  if (fromIndex >= 0 && toIndex === fromIndex + 1) return;
  throw new LakeformError(
    "WRONG_ORDER",
    fromIndex > toIndex
      ? "promotion only goes forward"
      : fromIndex === toIndex
        ? "promotion needs two different environments"
        : "promotion cannot skip an environment",
    {
      value: `${names.from} to ${names.to}`,
      allowed:
        path
          .slice(1)
          .map((name, index) => `${path[index] ?? ""} to ${name}`)
          .join(", ") || "none: the code has only one environment",
      fix: "promote step by step; to go back, deploy the older commit",
    },
  );
}

/** Checks that both workspaces accept the credentials, and that their hosts differ. */
async function checkWorkspaces(
  options: PromoteOptions,
  names: { from: string; to: string },
): Promise<void> {
  const hosts: string[] = [];
  for (const [name, targets] of [
    [names.from, options.from],
    [names.to, options.to],
  ] as const) {
    const client = targets[0]?.client;
    if (client === undefined) continue;
    try {
      await whoAmI(client);
    } catch (error) {
      if (!(error instanceof LakeformError) || !isUnauthenticated(error)) throw error;
      const prefix = variablePrefix(name);
      throw new LakeformError(
        "NO_CREDENTIALS_FOR",
        `the workspace of "${name}" rejects the credentials`,
        {
          value: client.host,
          fix: `set ${prefix}HOST, and ${prefix}CLIENT_ID and ${prefix}CLIENT_SECRET (or ${prefix}TOKEN)`,
          cause: error,
        },
      );
    }
    hosts.push(client.host);
  }
  if (hosts[0] === hosts[1]) {
    throw new LakeformError(
      "SAME_WORKSPACE",
      `"${names.from}" and "${names.to}" are the same workspace`,
      {
        value: hosts[0] ?? "",
        fix: "give each environment its own workspace (host or profile)",
      },
    );
  }
}
