import { PermissionsResource, type Construct, type PermissionsConfig } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt, oneOf } from "../core/errors";
import type { Principal } from "./principal";

export type JobLevel = "CAN_VIEW" | "CAN_MANAGE_RUN" | "CAN_MANAGE" | "IS_OWNER";
export type ClusterLevel = "CAN_ATTACH_TO" | "CAN_RESTART" | "CAN_MANAGE";
export type ClusterPolicyLevel = "CAN_USE";
export type InstancePoolLevel = "CAN_ATTACH_TO" | "CAN_MANAGE";
export type WarehouseLevel = "CAN_VIEW" | "CAN_MONITOR" | "CAN_USE" | "CAN_MANAGE" | "IS_OWNER";
export type WorkspaceObjectLevel = "CAN_READ" | "CAN_RUN" | "CAN_EDIT" | "CAN_MANAGE";
export type TokenLevel = "CAN_USE";
export type PipelineLevel = "CAN_VIEW" | "CAN_RUN" | "CAN_MANAGE" | "IS_OWNER";
export type ExperimentLevel = "CAN_READ" | "CAN_EDIT" | "CAN_MANAGE";
export type MlflowModelLevel =
  | "CAN_READ"
  | "CAN_EDIT"
  | "CAN_MANAGE_STAGING_VERSIONS"
  | "CAN_MANAGE_PRODUCTION_VERSIONS"
  | "CAN_MANAGE";
export type ServingEndpointLevel = "CAN_VIEW" | "CAN_QUERY" | "CAN_MANAGE";
export type AppLevel = "CAN_USE" | "CAN_MANAGE";
export type SqlObjectLevel = "CAN_VIEW" | "CAN_RUN" | "CAN_EDIT" | "CAN_MANAGE";

type Target = Omit<PermissionsConfig, "accessControl">;

// The constructs import this file, so it must not import them: this type is what it needs of them.
type Job = { readonly kind: "workflow"; renderJobId(): string };
type Cluster = { renderClusterId(): string };
type ClusterPolicy = { readonly kind: "cluster policy"; renderId(): string };
type InstancePool = { readonly kind: "instance pool"; renderId(): string };
type Warehouse = { renderWarehouseId(): string };
type Pipeline = { readonly kind: "pipeline"; renderId(): string };
type Dashboard = { readonly kind: "dashboard"; renderId(): string };
type Query = { readonly kind: "query"; renderId(): string };
type Alert = { readonly kind: "alert"; renderId(): string };
type App = { renderName(): string };
type WithPath = { renderPath(): string };
type Repo = { renderRepo(): Pick<Target, "repoId" | "repoPath"> };

/**
 * The access list of one object. It is authoritative: principals that are not on the list lose
 * access (except the owner and admins). Constructs provide their access list as `permissions`. The
 * factories of this class create access lists of existing objects.
 *
 * @example
 * workflow.permissions.allow("CAN_MANAGE_RUN", Group.named("data-engineers"));
 * @see https://docs.databricks.com/aws/en/security/auth/access-control/
 */
export class Permissions<Level extends string> extends Element {
  static onJob(scope: Construct, id: string, workflow: Job): Permissions<JobLevel> {
    return new Permissions<JobLevel>(scope, id, { jobId: workflow.renderJobId() });
  }

  static onCluster(scope: Construct, id: string, cluster: Cluster): Permissions<ClusterLevel> {
    return new Permissions<ClusterLevel>(scope, id, { clusterId: cluster.renderClusterId() });
  }

  static onClusterPolicy(
    scope: Construct,
    id: string,
    policy: ClusterPolicy,
  ): Permissions<ClusterPolicyLevel> {
    return new Permissions<ClusterPolicyLevel>(scope, id, { clusterPolicyId: policy.renderId() });
  }

  static onInstancePool(
    scope: Construct,
    id: string,
    pool: InstancePool,
  ): Permissions<InstancePoolLevel> {
    return new Permissions<InstancePoolLevel>(scope, id, { instancePoolId: pool.renderId() });
  }

  static onWarehouse(
    scope: Construct,
    id: string,
    warehouse: Warehouse,
  ): Permissions<WarehouseLevel> {
    return new Permissions<WarehouseLevel>(scope, id, {
      sqlEndpointId: warehouse.renderWarehouseId(),
    });
  }

  static onNotebook(
    scope: Construct,
    id: string,
    notebook: string | WithPath,
  ): Permissions<WorkspaceObjectLevel> {
    return new Permissions<WorkspaceObjectLevel>(scope, id, { notebookPath: pathOf(notebook) });
  }

  static onDirectory(
    scope: Construct,
    id: string,
    directory: string | WithPath,
  ): Permissions<WorkspaceObjectLevel> {
    return new Permissions<WorkspaceObjectLevel>(scope, id, { directoryPath: pathOf(directory) });
  }

  static onWorkspaceFile(
    scope: Construct,
    id: string,
    file: string | WithPath,
  ): Permissions<WorkspaceObjectLevel> {
    return new Permissions<WorkspaceObjectLevel>(scope, id, {
      workspaceFilePath: pathOf(file).replace(/^\/Workspace/, ""),
    });
  }

  static onRepo(
    scope: Construct,
    id: string,
    repo: string | Repo,
  ): Permissions<WorkspaceObjectLevel> {
    return new Permissions<WorkspaceObjectLevel>(
      scope,
      id,
      typeof repo === "string" ? { repoId: repo } : repo.renderRepo(),
    );
  }

  static onPipeline(scope: Construct, id: string, pipeline: Pipeline): Permissions<PipelineLevel> {
    return new Permissions<PipelineLevel>(scope, id, { pipelineId: pipeline.renderId() });
  }

  static onExperiment(
    scope: Construct,
    id: string,
    experimentId: string,
  ): Permissions<ExperimentLevel> {
    return new Permissions<ExperimentLevel>(scope, id, { experimentId });
  }

  /** @param registeredModelId the id that the registry assigned, not the name */
  static onMlflowModel(
    scope: Construct,
    id: string,
    registeredModelId: string,
  ): Permissions<MlflowModelLevel> {
    return new Permissions<MlflowModelLevel>(scope, id, { registeredModelId });
  }

  static onDashboard(
    scope: Construct,
    id: string,
    dashboard: Dashboard,
  ): Permissions<WorkspaceObjectLevel> {
    return new Permissions<WorkspaceObjectLevel>(scope, id, { dashboardId: dashboard.renderId() });
  }

  /** @param servingEndpointId the id that the platform assigned, not the name */
  static onServingEndpoint(
    scope: Construct,
    id: string,
    servingEndpointId: string,
  ): Permissions<ServingEndpointLevel> {
    return new Permissions<ServingEndpointLevel>(scope, id, { servingEndpointId });
  }

  static onQuery(scope: Construct, id: string, query: Query): Permissions<SqlObjectLevel> {
    return new Permissions<SqlObjectLevel>(scope, id, { sqlQueryId: query.renderId() });
  }

  static onAlert(scope: Construct, id: string, alert: Alert): Permissions<SqlObjectLevel> {
    return new Permissions<SqlObjectLevel>(scope, id, { sqlAlertId: alert.renderId() });
  }

  static onApp(scope: Construct, id: string, app: App): Permissions<AppLevel> {
    return new Permissions<AppLevel>(scope, id, { appName: app.renderName() });
  }

  /**
   * The principals that may have personal access tokens. If a principal loses the permission, its
   * tokens are deleted.
   */
  static onTokens(scope: Construct, id: string): Permissions<TokenLevel> {
    return new Permissions<TokenLevel>(scope, id, { authorization: "tokens" });
  }

  readonly #resource: PermissionsResource;
  readonly #entries = new Map<string, { readonly principal: Principal; readonly level: Level }>();

  private constructor(scope: Construct, id: string, target: Target) {
    super(scope, id);
    this.#resource = new PermissionsResource(this, "Resource", { ...target, accessControl: [] });
    this.node.addValidation({
      validate: () =>
        this.#entries.size === 0
          ? ["an access list needs at least one entry: add it with allow(…)"]
          : [],
    });
  }

  /**
   * Grants a level to principals.
   * @throws ConstructError TWO_LEVELS if a principal already has a level, ADMIN_PERMISSIONS,
   * GROUP_OWNER, TWO_OWNERS
   */
  allow(level: Level, ...principals: readonly Principal[]): this {
    for (const principal of principals) {
      this.#check(level, principal);
      this.#entries.set(`${principal.kind} ${principal.name}`, { principal, level });
    }
    const entries = [...this.#entries].sort(([a], [b]) => (a < b ? -1 : 1));
    this.#resource.putAccessControl(
      entries.map(([, entry]) => ({
        permissionLevel: entry.level,
        ...principalField(entry.principal),
      })),
    );
    return this;
  }

  #check(level: Level, principal: Principal): void {
    const who = `${principal.kind} ${principal.name}`;
    const before = this.#entries.get(who)?.level;
    if (before !== undefined) {
      throw errorAt(this, "TWO_LEVELS", `${who} already has a level on this object`, {
        value: oneOf([before, level]).replace(" or ", " and "),
        fix: "give each principal one level, the highest intended",
      });
    }
    if (principal.kind === "group" && principal.name === "admins") {
      throw errorAt(
        this,
        "ADMIN_PERMISSIONS",
        "admins always have all permissions, which cannot be changed",
        {
          fix: "remove the entry for the group `admins` from this access list",
        },
      );
    }
    if ((level as string) !== "IS_OWNER") return;
    if (principal.kind === "group")
      throw errorAt(this, "GROUP_OWNER", "a group cannot own an object", {
        value: who,
        allowed: "a user or a service principal",
        fix: "let a user or a service principal own it, and give the group CAN_MANAGE",
      });
    const owner = [...this.#entries.values()].find(
      (entry) => (entry.level as string) === "IS_OWNER",
    );
    if (owner !== undefined) {
      throw errorAt(this, "TWO_OWNERS", "an object has exactly one owner", {
        value: `${owner.principal.name} and ${principal.name}`,
        fix: "keep one of them",
      });
    }
  }
}

function pathOf(object: string | WithPath): string {
  return typeof object === "string" ? object : object.renderPath();
}

function principalField(principal: Principal): {
  userName?: string;
  groupName?: string;
  servicePrincipalName?: string;
} {
  switch (principal.kind) {
    case "user":
      return { userName: principal.renderName() };
    case "group":
      return { groupName: principal.renderName() };
    case "service principal":
      return { servicePrincipalName: principal.renderName() };
  }
}
