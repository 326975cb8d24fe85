/** An instance pool, ours or one that exists already. */
export interface IInstancePool {
  readonly kind: "instance pool";
  renderId(): string;
}
