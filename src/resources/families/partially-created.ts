import type { Attributes } from "../kind";

/**
 * The object was made, and then something went wrong before it was ready: the provider keeps it in the state as tainted, so that it is never lost.
 */
export class PartiallyCreated extends Error {
  override readonly name = "PartiallyCreated";

  constructor(
    /** The state id of what was made. */
    readonly id: string,
    override readonly cause: unknown,
    /** What is known of it besides the planned values. */
    readonly attributes: Attributes = {},
  ) {
    super(`created ${id}, then: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}
