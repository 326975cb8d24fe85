import { PermissionsResource, type Construct, type PermissionsConfig } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import { keyOf, type Principal } from "./principal";

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

// The constructs import this file, so it cannot import them. These types describe what it uses.
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
 * The access list of one object, or of the workspace's tokens. It is authoritative: principals that
 * are not on the list lose access (except the owner and admins). Constructs provide their access
 * list as `permissions`. The factories of this class create access lists of existing objects.
 *
 * @example
 * workflow.permissions.allow("CAN_MANAGE_RUN", Group.named("data-engineers"));
 * @see https://docs.databricks.com/aws/en/security/auth/access-control/
 */
export class Permissions<Level extends string> extends Element {
  /** The access list of a job. */
  static onJob(scope: Construct, id: string, workflow: Job): Permissions<JobLevel> {
    return new Permissions<JobLevel>(scope, id, { jobId: workflow.renderJobId() });
  }

  /** The access list of an all-purpose cluster. */
  static onCluster(scope: Construct, id: string, cluster: Cluster): Permissions<ClusterLevel> {
    return new Permissions<ClusterLevel>(scope, id, { clusterId: cluster.renderClusterId() });
  }

  /** The access list of a cluster policy. */
  static onClusterPolicy(
    scope: Construct,
    id: string,
    policy: ClusterPolicy,
  ): Permissions<ClusterPolicyLevel> {
    return new Permissions<ClusterPolicyLevel>(scope, id, { clusterPolicyId: policy.renderId() });
  }

  /** The access list of an instance pool. */
  static onInstancePool(
    scope: Construct,
    id: string,
    pool: InstancePool,
  ): Permissions<InstancePoolLevel> {
    return new Permissions<InstancePoolLevel>(scope, id, { instancePoolId: pool.renderId() });
  }

  /** The access list of a SQL warehouse. */
  static onWarehouse(
    scope: Construct,
    id: string,
    warehouse: Warehouse,
  ): Permissions<WarehouseLevel> {
    return new Permissions<WarehouseLevel>(scope, id, {
      sqlEndpointId: warehouse.renderWarehouseId(),
    });
  }

  /** The access list of a notebook, given as its path or as a {@link Notebook}. */
  static onNotebook(
    scope: Construct,
    id: string,
    notebook: string | WithPath,
  ): Permissions<WorkspaceObjectLevel> {
    return new Permissions<WorkspaceObjectLevel>(scope, id, { notebookPath: pathOf(notebook) });
  }

  /** The access list of a folder, given as its path or as a {@link Directory}. */
  static onDirectory(
    scope: Construct,
    id: string,
    directory: string | WithPath,
  ): Permissions<WorkspaceObjectLevel> {
    return new Permissions<WorkspaceObjectLevel>(scope, id, { directoryPath: pathOf(directory) });
  }

  /** The access list of a file, given as its path or as a {@link WorkspaceFile}. */
  static onWorkspaceFile(
    scope: Construct,
    id: string,
    file: string | WithPath,
  ): Permissions<WorkspaceObjectLevel> {
    // WorkspaceFile renders its path on clusters, which starts with /Workspace. The field does not
    // accept this prefix.
    return new Permissions<WorkspaceObjectLevel>(scope, id, {
      workspaceFilePath: pathOf(file).replace(/^\/Workspace/, ""),
    });
  }

  /** The access list of a Git folder, given as its id or as a {@link Repo}. */
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

  /** The access list of a pipeline. */
  static onPipeline(scope: Construct, id: string, pipeline: Pipeline): Permissions<PipelineLevel> {
    return new Permissions<PipelineLevel>(scope, id, { pipelineId: pipeline.renderId() });
  }

  /** The access list of an MLflow experiment, given by its id. */
  static onExperiment(
    scope: Construct,
    id: string,
    experimentId: string,
  ): Permissions<ExperimentLevel> {
    return new Permissions<ExperimentLevel>(scope, id, { experimentId });
  }

  /**
   * The access list of a model in the workspace's model registry.
   * @param registeredModelId the id that the registry assigned, not the name
   */
  static onMlflowModel(
    scope: Construct,
    id: string,
    registeredModelId: string,
  ): Permissions<MlflowModelLevel> {
    return new Permissions<MlflowModelLevel>(scope, id, { registeredModelId });
  }

  /** The access list of a dashboard. */
  static onDashboard(
    scope: Construct,
    id: string,
    dashboard: Dashboard,
  ): Permissions<WorkspaceObjectLevel> {
    return new Permissions<WorkspaceObjectLevel>(scope, id, { dashboardId: dashboard.renderId() });
  }

  /**
   * The access list of a serving endpoint.
   * @param servingEndpointId the id that the platform assigned, not the name
   */
  static onServingEndpoint(
    scope: Construct,
    id: string,
    servingEndpointId: string,
  ): Permissions<ServingEndpointLevel> {
    return new Permissions<ServingEndpointLevel>(scope, id, { servingEndpointId });
  }

  /** The access list of a saved query. */
  static onQuery(scope: Construct, id: string, query: Query): Permissions<SqlObjectLevel> {
    return new Permissions<SqlObjectLevel>(scope, id, { sqlQueryId: query.renderId() });
  }

  /** The access list of an alert. */
  static onAlert(scope: Construct, id: string, alert: Alert): Permissions<SqlObjectLevel> {
    return new Permissions<SqlObjectLevel>(scope, id, { sqlAlertId: alert.renderId() });
  }

  /** The access list of an app. */
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
   * @throws ConstructError TWO_LEVELS if a principal already has a level, ADMIN_PERMISSIONS for the
   * group `admins`, GROUP_OWNER if a group would be the owner, TWO_OWNERS for a second owner
   */
  allow(level: Level, ...principals: readonly Principal[]): this {
    for (const principal of principals) {
      this.#check(level, principal);
      this.#entries.set(keyOf(principal), { principal, level });
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
    const principalKey = keyOf(principal);
    const currentLevel = this.#entries.get(principalKey)?.level;
    if (currentLevel !== undefined) {
      throw errorAt(this, "TWO_LEVELS", `${principalKey} already has a level on this object`, {
        value: `${currentLevel} and ${level}`,
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
        value: principalKey,
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
