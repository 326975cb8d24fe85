/**
 * The metadata of a synthesized stack in `"//"."lakeform"` of its cdk.tf.json: verify, review and
 * promote read it instead of the TypeScript. Imports only types from `src`, so that no code of it
 * is loaded.
 */
export type {
  IgnoreRule,
  ResourceOrigin,
  StackMetadata,
  Suppression,
} from "../../src/terraform/metadata";
