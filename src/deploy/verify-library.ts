/**
 * `lakeform/verify`: the verifier as a function, and its parts for tools that read states of their
 * own.
 */
export * from "../verify";
export { verify, type FolderOptions } from "./verify-folder";
