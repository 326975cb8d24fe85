import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";

export interface WorkspaceConfProps {
  /**
   * The settings by the keys of the API: `enableIpAccessLists`, `maxTokenLifetimeDays`. When the
   * construct is destroyed, `true` is set to `false`, and any other value to an empty string.
   */
  readonly customConfig: Readonly<Record<string, string | number | boolean>>;
}

/**
 * Settings of the workspace.
 *
 * @example
 * new WorkspaceConf(stack, "settings", {
 *   customConfig: { enableIpAccessLists: true, maxTokenLifetimeDays: 90 },
 * });
 * @see https://docs.databricks.com/api/workspace/workspaceconf
 */
export class WorkspaceConf extends Element {
  /** @throws ConstructError EMPTY_CONF if no setting is given */
  constructor(scope: Construct, id: string, props: WorkspaceConfProps) {
    super(scope, id);
    const settings = Object.entries(props.customConfig);
    if (settings.length === 0)
      throw errorAt(this, "EMPTY_CONF", "no setting is given", {
        fix: "set at least one, or remove the construct",
      });
    const { WorkspaceConf: WorkspaceConfResource } = load("workspace-conf");
    new WorkspaceConfResource(this, "Resource", {
      customConfig: Object.fromEntries(
        settings.map(([name, value]) => [name, String(value)] as const).sort(),
      ),
    });
  }
}
