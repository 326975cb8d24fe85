/**
 * `lakeform/verify`: the verifier as a function, and its building blocks for tools that read states
 * in their own way.
 */
export * from "../verify";
export { verify, type FolderOptions } from "./verify-folder";
