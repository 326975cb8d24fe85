import type { SynthesizedStack } from "../input";

/**
 * Values that a list element has only because another element was at its position, by address and
 * then by path: `task[c].run_if`. `from` is that other element, if known.
 */
export type InheritedValues = Readonly<
  Record<string, Readonly<Record<string, { readonly value: unknown; readonly from?: string }>>>
>;

/**
 * The record that `lakeform deploy` stores in the workspace after each deploy. With it, the
 * verifier can distinguish changes in the workspace from changes of the code that are not deployed
 * yet. It contains no secrets: the stack refers to them by variable.
 */
export interface DeploymentRecord {
  readonly version: 1;
  readonly project: string;
  readonly environment: string;
  readonly stack: string;
  /** ISO time. */
  readonly deployedAt: string;
  /** User name or application id of the deployer. */
  readonly deployedBy: string;
  readonly commit?: string;
  /** The number of the deploy that wrote the record. It increases with each deploy. */
  readonly fence?: number;
  /** Digest of the approved plan. */
  readonly digest?: string;
  readonly versions: Readonly<Record<string, string>>;
  /**
   * The state right after the deploy. If the current state has another lineage or serial, another
   * tool has deployed since, and the record is not used.
   */
  readonly state?: { readonly lineage: string; readonly serial: number };
  /** The warnings of Terraform's last plan, one per line. */
  readonly warnings?: readonly string[];
  /** The synthesized stack as deployed. */
  readonly synthesized: SynthesizedStack;
  /**
   * By Terraform address: fields that an earlier version of the code set, that the deployed one
   * omits, and that no write can clear (`Rules.cannotClear`). They stay in the workspace until they
   * are changed there.
   */
  readonly leftOver?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Values of the outputs that other stacks use, without secrets. */
  readonly outputs?: Readonly<Record<string, unknown>>;
  /**
   * By Terraform address and field path: values that the deploy gave a list element only because
   * another element was at its position.
   */
  readonly inherited?: InheritedValues;
  /** By Terraform address: the content of notebooks and files as uploaded. */
  readonly content: Readonly<Record<string, { readonly sha256: string; readonly size: number }>>;
  /**
   * By Terraform address of a databricks_secret: `last_updated_timestamp` as returned by the
   * workspace right after the deploy (milliseconds).
   */
  readonly secrets: Readonly<Record<string, { readonly lastUpdatedTimestamp: number }>>;
  /**
   * By Terraform address: the version of each object (`Remote.version`) that the verification after
   * the deploy found equal to the code. An object with this version has not changed since.
   */
  readonly verified?: Readonly<Record<string, string>>;
  /** Set if the version was promoted from another environment. */
  readonly promotion?: PromotionEvidence;
}

/** The evidence of a promotion: written into the record of the target environment. */
export interface PromotionEvidence {
  readonly from: string;
  /** When the promoted version was deployed to `from`. */
  readonly fromDeployedAt: string;
  readonly gates: readonly {
    readonly gate: string;
    readonly outcome: "passed" | "waived" | "not applicable";
    readonly evidence: string;
    readonly reason?: string;
  }[];
}

/**
 * Returns the stack as deployed: the synthesized stack, plus the values that no write could clear.
 */
export function withLeftOver({ synthesized, leftOver = {} }: DeploymentRecord): SynthesizedStack {
  const resource = { ...synthesized.resource } as Record<
    string,
    Record<string, Record<string, unknown>>
  >;
  for (const [address, fields] of Object.entries(leftOver)) {
    const [type = "", name = ""] = address.split(".");
    const config = resource[type]?.[name];
    if (config !== undefined)
      resource[type] = { ...resource[type], [name]: { ...fields, ...config } };
  }
  return { ...synthesized, resource };
}
