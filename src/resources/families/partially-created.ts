import type { Attributes } from "../kind";

/**
 * Thrown if an object was created, but an error occurred before it was ready. The provider keeps
 * the object in the state as tainted, so that it is not lost.
 */
export class PartiallyCreated extends Error {
  override readonly name = "PartiallyCreated";

  constructor(
    /** The state id of the created object. */
    readonly id: string,
    override readonly cause: unknown,
    /** Known attributes in addition to the planned values. */
    readonly attributes: Attributes = {},
  ) {
    super(`created ${id}, then: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}
