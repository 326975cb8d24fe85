import { Permissions, type PipelineLevel } from "../access/permissions";
import { renderRunAs, type IServicePrincipal, type IUser } from "../access/principal";
import type { ICatalog } from "../catalog/catalog";
import { load, type Construct, type PipelineResourceConfig } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import { existingId } from "../core/names";
import { WorkspaceStack } from "../core/workspace-stack";
import { renderPipelineCluster, type PipelineClusterProps } from "./pipeline-cluster";
import type { PipelineLibrary } from "./pipeline-library";

/**
 * Where the tables are: in Unity Catalog (`catalog`), or in the legacy metastore with files in
 * `storage`.
 */
type PipelineTarget =
  | {
      /** The catalog of the pipeline's tables. */
      readonly catalog?: ICatalog | string;
      readonly storage?: never;
    }
  | {
      /** A folder in cloud storage or DBFS. Cannot be changed later. */
      readonly storage: string;
      readonly catalog?: never;
    };

export type PipelineProps = PipelineTarget & {
  /** The name, without the environment's prefix. */
  readonly name: string;
  /**
   * The source code. At least one entry is required, unless `ingestionDefinition` or
   * `gatewayDefinition` is set.
   */
  readonly libraries?: readonly PipelineLibrary[];
  /** The schema of the pipeline's tables. */
  readonly schema?: string;
  /** The settings of the pipeline's clusters. @default - chosen by the platform */
  readonly clusters?: readonly PipelineClusterProps[];
  /** Use serverless compute. @default false */
  readonly serverless?: boolean;
  /** Run continuously instead of on a trigger. @default false */
  readonly continuous?: boolean;
  /** Keep clusters running between updates, and do not retry failures. @default false */
  readonly development?: boolean;
  /** Use Photon. @default false */
  readonly photon?: boolean;
  /** The product edition. @default ADVANCED */
  readonly edition?: "CORE" | "PRO" | "ADVANCED";
  /** The release channel. @default CURRENT */
  readonly channel?: "CURRENT" | "PREVIEW";
  /** Values that the source code reads with `spark.conf.get`. */
  readonly configuration?: Readonly<Record<string, string>>;
  /** Tags of the pipeline and of its clusters. */
  readonly tags?: Readonly<Record<string, string>>;
  /**
   * The folder with the source code. The editor shows it as the root, and it is on Python's path.
   */
  readonly rootPath?: string;
  /** The pip dependencies of a serverless pipeline. */
  readonly environment?: {
    /** Requirements in the format of pip: `["requests==2.31.0"]`. */
    readonly dependencies: readonly string[];
  };
  /** The table that stores the pipeline's events. @default - a hidden table */
  readonly eventLog?: {
    /** The name of the table. */
    readonly name: string;
    /** The catalog of the table. @default - the pipeline's catalog */
    readonly catalog?: string;
    /** The schema of the table. @default - the pipeline's schema */
    readonly schema?: string;
  };
  /** Which files the pipeline uses, selected by path. */
  readonly filters?: {
    /** The paths to include. */
    readonly include?: readonly string[];
    /** The paths to exclude. */
    readonly exclude?: readonly string[];
  };
  /** Who is notified of which events. */
  readonly notifications?: readonly {
    /** The e-mail addresses to notify. */
    readonly emailRecipients: readonly string[];
    /** The events to notify about. */
    readonly alerts: readonly (
      "on-update-success" | "on-update-failure" | "on-update-fatal-failure" | "on-flow-failure"
    )[];
  }[];
  /** The time window in which a continuous serverless pipeline may restart. */
  readonly restartWindow?: {
    /** The hour at which the window starts, from 0 to 23. */
    readonly startHour: number;
    /** The days of the window. @default - every day */
    readonly daysOfWeek?: readonly string[];
    /** The time zone, such as `Europe/Berlin`. @default UTC */
    readonly timeZoneId?: string;
  };
  /** The identity that the pipeline runs as. @default - the deploying identity */
  readonly runAs?: IUser | IServicePrincipal;
  /** The id of the budget policy that serverless usage is attributed to. */
  readonly budgetPolicyId?: string;
  /** The id of the usage policy that serverless usage is attributed to. */
  readonly usagePolicyId?: string;
  /** Allow another pipeline with the same name. @default false */
  readonly allowDuplicateNames?: boolean;
  /**
   * What the pipeline ingests from another system (Lakeflow Connect), in the format of the
   * Terraform provider.
   */
  readonly ingestionDefinition?: PipelineResourceConfig["ingestionDefinition"];
  /** The gateway that ingestion pipelines read from, in the format of the Terraform provider. */
  readonly gatewayDefinition?: PipelineResourceConfig["gatewayDefinition"];
  /** The time limits of Terraform operations. */
  readonly timeouts?: {
    /** The time limit of each Terraform operation: `30m`. */
    readonly default?: string;
  };
};

/**
 * A pipeline, managed by this stack or elsewhere. Used for `PipelineTask.of` and
 * `Permissions.onPipeline`.
 */
export interface IPipeline {
  /** Distinguishes a pipeline from other handles at compile time. */
  readonly kind: "pipeline";
  /** Returns the id, which is a Terraform reference for a pipeline of this stack. */
  renderId(): string;
}

/**
 * A declarative pipeline (Lakeflow, formerly Delta Live Tables).
 *
 * @example
 * const bronze = new Pipeline(stack, "bronze", {
 *   name: "bronze",
 *   catalog: "main",
 *   schema: "bronze",
 *   serverless: true,
 *   libraries: [PipelineLibrary.notebook("/Shared/etl/bronze")],
 * });
 * bronze.permissions.allow("CAN_RUN", Group.named("data-engineers"));
 * workflow.addTask("refresh", { run: PipelineTask.of(bronze, { fullRefresh: true }) });
 * @see https://docs.databricks.com/aws/en/ldp/
 */
export class Pipeline extends Element implements IPipeline {
  /**
   * Refers to the pipeline with this id, which is managed elsewhere.
   * @throws ConstructError BAD_ID
   */
  static fromId(pipelineId: string): IPipeline {
    const id = existingId("pipeline", pipelineId, {
      example: "8a1b2c3d-0000-4000-8000-000000000001",
    });
    return { kind: "pipeline", renderId: () => id };
  }

  readonly kind = "pipeline";
  readonly #id: string;
  #permissions: Permissions<PipelineLevel> | undefined;

  /**
   * @throws ConstructError EMPTY_PIPELINE, SERVERLESS_PIPELINE_CLUSTER, DUPLICATE_PIPELINE_CLUSTER
   */
  constructor(scope: Construct, id: string, props: PipelineProps) {
    super(scope, id);
    this.#check(props);
    const stack = WorkspaceStack.around(this);
    const {
      name,
      catalog,
      libraries,
      clusters,
      runAs,
      tags,
      environment,
      filters,
      notifications,
      restartWindow,
      configuration,
      ...rest
    } = props;
    const { Pipeline: PipelineResource } = load("pipeline");
    const resource = new PipelineResource(this, "Resource", {
      ...rest,
      name: stack.named(name),
      catalog: typeof catalog === "string" ? catalog : catalog?.renderName(),
      library: libraries?.map((library) => library.rendered),
      cluster: clusters?.map(renderPipelineCluster),
      runAs: renderRunAs(runAs),
      tags: stack.stamped(tags, false),
      configuration: configuration && { ...configuration },
      environment: environment && { dependencies: [...environment.dependencies] },
      filters: filters && {
        include: filters.include && [...filters.include],
        exclude: filters.exclude && [...filters.exclude],
      },
      notification: notifications?.map(({ emailRecipients, alerts }) => ({
        emailRecipients: [...emailRecipients],
        alerts: [...alerts],
      })),
      restartWindow: restartWindow && {
        ...restartWindow,
        daysOfWeek: restartWindow.daysOfWeek && [...restartWindow.daysOfWeek],
      },
    });
    this.#id = resource.id;
  }

  /** The access list of the pipeline. It replaces all other permissions on the object. */
  get permissions(): Permissions<PipelineLevel> {
    return (this.#permissions ??= Permissions.onPipeline(this, "Permissions", this));
  }

  renderId(): string {
    return this.#id;
  }

  #check({
    libraries,
    ingestionDefinition,
    gatewayDefinition,
    serverless,
    clusters,
  }: PipelineProps): void {
    if (
      (libraries ?? []).length === 0 &&
      ingestionDefinition === undefined &&
      gatewayDefinition === undefined
    ) {
      throw errorAt(this, "EMPTY_PIPELINE", "the pipeline has no source code", {
        allowed: "libraries, an ingestionDefinition or a gatewayDefinition",
        fix: "set one of them",
      });
    }
    if (serverless === true && (clusters ?? []).length > 0) {
      throw errorAt(this, "SERVERLESS_PIPELINE_CLUSTER", "a serverless pipeline has no clusters", {
        fix: "remove `clusters`, or remove `serverless`",
      });
    }
    const labels = (clusters ?? []).map(({ label = "default" }) => label);
    const duplicateLabel = labels.find((label, index) => labels.indexOf(label) !== index);
    if (duplicateLabel !== undefined)
      throw errorAt(
        this,
        "DUPLICATE_PIPELINE_CLUSTER",
        "two clusters of the pipeline have the same label",
        {
          value: duplicateLabel,
          fix: "keep one of them",
        },
      );
  }
}
