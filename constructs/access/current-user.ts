import { DataDatabricksCurrentUser, type Construct } from "../core/bindings";

/**
 * The deploying identity, looked up when Terraform runs: for personal paths and names.
 *
 * @example
 * const me = new CurrentUser(stack, "me");
 * new Notebook(stack, "draft", {
 *   path: `${me.home}/draft`,
 *   content: Content.file("stacks/notebooks/ingest_raw_data.py"),
 * });
 */
export class CurrentUser {
  /** The e-mail address of a user, the application id of a service principal. */
  readonly userName: string;
  /** `/Users/ada@example.com` */
  readonly home: string;
  /** `/Repos/ada@example.com` */
  readonly repos: string;
  /**
   * The part of the name before the at sign, with _ for all characters but letters and digits: for
   * object names.
   */
  readonly alphanumeric: string;

  constructor(scope: Construct, id: string) {
    const found = new DataDatabricksCurrentUser(scope, id, {});
    this.userName = found.userName;
    this.home = found.home;
    this.repos = found.repos;
    this.alphanumeric = found.alphanumeric;
  }
}
