/** A SQL warehouse, ours or one that exists already. */
export interface ISqlWarehouse {
  readonly kind: "SQL warehouse";
  renderWarehouseId(): string;
}
