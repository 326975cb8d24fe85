/**
 * The metadata of a synthesized stack, stored as `"//"."lakeform"` in its cdk.tf.json. verify,
 * review and promote read it instead of the TypeScript code. This file imports only types from
 * `src`, so that none of its code is loaded.
 */
export type {
  IgnoreRule,
  ResourceOrigin,
  StackMetadata,
  Suppression,
} from "../../src/terraform/metadata";
