/** `lakeform/verify`: the verifier as a function, and the parts below it for tools that read states of their own. */
export * from "../verify";
export { verify, type FolderOptions } from "./verify-folder";
