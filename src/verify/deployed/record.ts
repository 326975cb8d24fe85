import type { SynthesizedStack } from "../input";

/** By address, then by path: `task[c].run_if`. `from` is the element that it came from, where that is known. */
export type InheritedValues = Readonly<Record<string, Readonly<Record<string, { readonly value: unknown; readonly from?: string }>>>>;

/**
 * What `lakeform deploy` leaves in the workspace after each deploy: how the verifier tells "somebody changed the workspace" from "the code changed and
 * was not deployed". Written by the deploy room; free of secrets (the stack refers to them by variable).
 */
export interface DeploymentRecord {
  readonly version: 1;
  readonly project: string;
  readonly environment: string;
  readonly stack: string;
  /** ISO time. */
  readonly deployedAt: string;
  /** User name or application id of whoever deployed. */
  readonly deployedBy: string;
  readonly commit?: string;
  /** The number of the try that wrote it: counts up. */
  readonly fence?: number;
  /** Of the plan that was approved. */
  readonly digest?: string;
  readonly versions: Readonly<Record<string, string>>;
  /** The state right after the deploy: a later serial means that something else has deployed since, and the record is not trusted. */
  readonly state?: { readonly lineage: string; readonly serial: number };
  /** What Terraform's last plan warned of, in lines. */
  readonly warnings?: readonly string[];
  /** The synthesized stack as deployed. */
  readonly synthesized: SynthesizedStack;
  /**
   * By Terraform address: fields that an earlier code set, the deployed one leaves out, and no write clears (`Rules.kept`). The workspace has them until
   * somebody changes them there.
   */
  readonly leftOver?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Values of the outputs that other stacks use; none that is secret. */
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** By Terraform address and field path: values that the deploy gave an element of a list only because another one stood at its position. */
  readonly inherited?: InheritedValues;
  /** By Terraform address: the content of notebooks and files as uploaded. */
  readonly content: Readonly<Record<string, { readonly sha256: string; readonly size: number }>>;
  /** By Terraform address of a databricks_secret: `last_updated_timestamp` as the workspace told it right after the deploy (milliseconds). */
  readonly secrets: Readonly<Record<string, { readonly lastUpdatedTimestamp: number }>>;
  /** How it came here, when it was promoted from another environment. */
  readonly promotion?: PromotionEvidence;
}

/** What a promotion rests on: written into the record of the environment that was promoted to. */
export interface PromotionEvidence {
  readonly from: string;
  /** When what was promoted had been deployed to `from`. */
  readonly fromDeployedAt: string;
  readonly gates: readonly {
    readonly gate: string;
    readonly outcome: "passed" | "waived" | "not applicable";
    readonly evidence: string;
    readonly reason?: string;
  }[];
}

/** The stack as the workspace has it after the deploy: as it was synthesized, with what no write could clear. */
export function withLeftOver({ synthesized, leftOver = {} }: DeploymentRecord): SynthesizedStack {
  const resource = { ...synthesized.resource } as Record<string, Record<string, Record<string, unknown>>>;
  for (const [address, fields] of Object.entries(leftOver)) {
    const [type = "", name = ""] = address.split(".");
    const config = resource[type]?.[name];
    if (config !== undefined) resource[type] = { ...resource[type], [name]: { ...fields, ...config } };
  }
  return { ...synthesized, resource };
}
