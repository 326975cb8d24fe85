import { DataDatabricksCurrentUser, type Construct } from "../core/bindings";

/**
 * The deploying identity, looked up by Terraform. Use it for personal paths and names.
 *
 * @example
 * const me = new CurrentUser(stack, "me");
 * new Notebook(stack, "draft", {
 *   path: `${me.home}/draft`,
 *   content: Content.file("stacks/notebooks/ingest_raw_data.py"),
 * });
 */
export class CurrentUser {
  /** The e-mail address of a user, or the application id of a service principal. */
  readonly userName: string;
  /** The home folder: `/Users/ada@example.com`. */
  readonly home: string;
  /** The folder that contains its Git folders: `/Repos/ada@example.com`. */
  readonly repos: string;
  /**
   * The part of the name before the @, in which _ replaces all characters except letters and
   * digits. Use it in the names of objects.
   */
  readonly alphanumeric: string;

  constructor(scope: Construct, id: string) {
    const currentUser = new DataDatabricksCurrentUser(scope, id, {});
    this.userName = currentUser.userName;
    this.home = currentUser.home;
    this.repos = currentUser.repos;
    this.alphanumeric = currentUser.alphanumeric;
  }
}
