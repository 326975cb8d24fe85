import type { ReadClient } from "../api/client";
import { whoAmI } from "../api/families/me";
import { workspaceIdOf } from "../api/transport/workspace-id";
import { LakeformError } from "../errors";
import { failure, type Diagnostic } from "./diagnostics";

/**
 * Returns an error if `provider_config` of a resource names another workspace than that of the
 * provider. The official provider can reach that workspace through the account.
 * @param reader throws LakeformError for an invalid provider configuration
 * @param action `cannot plan job`
 */
export async function checkWorkspaceId(
  reader: () => ReadClient,
  config: Readonly<Record<string, unknown>>,
  action: string,
): Promise<Diagnostic | undefined> {
  const requiredId = workspaceIn(config);
  if (requiredId === undefined) return undefined;
  try {
    const client = reader();
    // Any response contains the id of the workspace.
    if (workspaceIdOf(client.host) === undefined) await whoAmI(client);
    const ownId = workspaceIdOf(client.host);
    if (ownId === undefined || ownId === requiredId) return undefined;
    const error = new LakeformError(
      "OTHER_WORKSPACE",
      "the provider of this stack is connected to a different workspace",
      {
        path: "provider_config.0.workspace_id",
        value: requiredId,
        allowed: ownId,
        fix: "move the resource to a stack whose environment is that workspace, or use the official provider with account credentials",
      },
    );
    return failure(action, error);
  } catch (error) {
    return failure("cannot read the id of the workspace", error);
  }
}

/** Returns `provider_config.workspace_id`; undefined if it is empty. */
function workspaceIn(values: Readonly<Record<string, unknown>>): string | undefined {
  const [first] = (values["provider_config"] ?? []) as { readonly workspace_id?: unknown }[];
  const id = first?.workspace_id;
  return typeof id === "string" && id !== "" ? id : undefined;
}
