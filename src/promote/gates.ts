import { LakeformError } from "../errors";
import type { Mask } from "../mask";
import { printableLines } from "../printable";

const gateNames = [
  "git",
  "deployed",
  "artifacts",
  "verified",
  "runs",
  "environment-diff",
  "review",
  "approval",
] as const;
export type GateName = (typeof gateNames)[number];

/** The result of a gate, with its evidence. */
export interface GateResult {
  readonly gate: GateName;
  readonly title: string;
  readonly outcome: "passed" | "failed" | "waived" | "not applicable";
  /** The findings of the gate, in a few lines. */
  readonly evidence: string;
  /** How to pass the gate, if it failed. */
  readonly fix?: string;
  /** Why the gate was waived. */
  readonly reason?: string;
}

/** A condition of a promotion. The gates are checked in order, up to the first that fails. */
export interface Gate {
  readonly name: GateName;
  readonly title: string;
  readonly check: () => Promise<GateAnswer>;
}

export type GateAnswer =
  | { readonly outcome: "passed" | "not applicable"; readonly evidence: string }
  | { readonly outcome: "failed"; readonly evidence: string; readonly fix: string };

/**
 * Gates that cannot be waived: without a deployed version there is nothing to promote, and an
 * approval must name its approver.
 */
const unwaivableGates: readonly GateName[] = ["deployed", "approval"];

/**
 * Checks that the waived gates exist and may be waived, and that there is a reason.
 * @throws LakeformError UNKNOWN_GATE, GATE_NOT_WAIVABLE, WAIVER_WITHOUT_REASON
 */
export function checkWaivers(
  gates: readonly string[],
  reason: string | undefined,
): ReadonlySet<GateName> {
  const allowed = gateNames.filter((name) => !unwaivableGates.includes(name));
  for (const gate of gates) {
    if (!(gateNames as readonly string[]).includes(gate)) {
      throw new LakeformError("UNKNOWN_GATE", "unknown gate", {
        value: gate,
        allowed: allowed.join(", "),
        fix: "correct the name after --waive",
      });
    }
    if (unwaivableGates.includes(gate as GateName)) {
      throw new LakeformError("GATE_NOT_WAIVABLE", "this gate cannot be waived", {
        value: gate,
        allowed: allowed.join(", "),
        fix:
          gate === "approval"
            ? "approve the review: --approve DIGEST, or --auto-approve"
            : "deploy the FROM environment first",
      });
    }
  }
  if (gates.length > 0 && (reason === undefined || reason.trim() === "")) {
    throw new LakeformError(
      "WAIVER_WITHOUT_REASON",
      "a waived gate needs a reason, which is recorded",
      {
        value: `--waive ${gates.join(" --waive ")}`,
        fix: 'add --reason "…"',
      },
    );
  }
  return new Set(gates as GateName[]);
}

/**
 * Checks the gates in order and stops at the first that fails. A waived gate is checked too, to
 * record its evidence.
 * @param onResult called for each result
 */
export async function checkGates(
  gates: readonly Gate[],
  waived: ReadonlySet<GateName>,
  reason: string | undefined,
  mask: Mask,
  onResult: (result: GateResult) => void,
): Promise<{ readonly results: readonly GateResult[]; readonly closed?: GateResult }> {
  const results: GateResult[] = [];
  for (const gate of gates) {
    const gateAnswer = await gate.check();
    const base = {
      gate: gate.name,
      title: gate.title,
      ...gateAnswer,
      evidence: printableLines(mask.ownText(gateAnswer.evidence)),
    };
    const result: GateResult =
      gateAnswer.outcome === "failed" && waived.has(gate.name)
        ? { ...base, outcome: "waived", reason: mask.ownText(reason ?? "") }
        : base;
    results.push(result);
    onResult(result);
    if (result.outcome === "failed") return { results, closed: result };
  }
  return { results };
}
