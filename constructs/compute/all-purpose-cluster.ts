/** A standing cluster, ours or one that exists already. */
export interface IAllPurposeCluster {
  readonly kind: "all-purpose cluster";
  renderClusterId(): string;
}
