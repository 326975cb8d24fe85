/** A cluster policy, ours or one that exists already. */
export interface IClusterPolicy {
  readonly kind: "cluster policy";
  renderId(): string;
  /** What the policy fixes and allows, where this stack knows it. */
  readonly definition?: Readonly<Record<string, unknown>>;
}
