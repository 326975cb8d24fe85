import { Permissions, type ServingEndpointLevel } from "../access/permissions";
import type { IRegisteredModel } from "../catalog/registered-model";
import { load, type Construct, type ModelServingResourceConfig } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import { isReference } from "../core/names";
import { renderFieldsOfNewerBindings } from "../core/newer-bindings";
import type { SecretReference } from "../secrets/secret-reference";

type ResourceConfig = NonNullable<ModelServingResourceConfig["config"]>;
type ServedEntities = Extract<NonNullable<ResourceConfig["servedEntities"]>, readonly unknown[]>;

export interface ServedEntity {
  /** The name, unique in the endpoint. `traffic` refers to it. */
  readonly name: string;
  /**
   * What is served: a model of Unity Catalog, or the name of a function or of a model in the
   * workspace's registry.
   */
  readonly entity?: IRegisteredModel | string;
  /** The version of the model: `"3"`. Required for models. */
  readonly entityVersion?: string;
  /**
   * A model outside of Databricks, in the format of the Terraform provider. Pass keys as
   * `{{secrets/scope/key}}`.
   */
  readonly externalModel?: ServedEntities[number]["externalModel"];
  /** The range of concurrent requests: Small 4, Medium 8 to 16, Large 16 to 64. */
  readonly workloadSize?: "Small" | "Medium" | "Large";
  /** The type of compute. @default CPU */
  readonly workloadType?: "CPU" | "GPU_SMALL" | "GPU_MEDIUM" | "GPU_LARGE" | "MULTIGPU_MEDIUM";
  /** Stop the compute while there are no requests. @default - chosen by the platform */
  readonly scaleToZeroEnabled?: boolean;
  /**
   * Environment variables of the served code: literals, or references to secrets.
   * @default - none
   */
  readonly environmentVars?: Readonly<Record<string, string | SecretReference>>;
  /** On AWS, the instance profile whose permissions the served code has. @default - none */
  readonly instanceProfileArn?: string;
  /** The minimum number of concurrent requests. Not with `workloadSize`. */
  readonly minProvisionedConcurrency?: number;
  /** The maximum number of concurrent requests. Not with `workloadSize`. */
  readonly maxProvisionedConcurrency?: number;
  /** The minimum throughput in tokens per second. */
  readonly minProvisionedThroughput?: number;
  /** The maximum throughput in tokens per second. */
  readonly maxProvisionedThroughput?: number;
  /** The throughput in model units, for models that are sized in them. */
  readonly provisionedModelUnits?: number;
  /**
   * Serve short peaks beyond the provisioned size. Requires cdktn.
   * @default - chosen by the platform
   */
  readonly burstScalingEnabled?: boolean;
}

/**
 * The Unity Catalog tables to which an endpoint writes logs, metrics and traces, by their full
 * names.
 */
export interface ServingTelemetry {
  /** The kinds of telemetry to write. @default - chosen by the platform */
  readonly enabledTelemetryFeatures?: readonly string[];
  /** The id of a telemetry profile of the workspace. */
  readonly telemetryProfileId?: string;
  /** Logs requests and responses to a table. */
  readonly inferenceTableConfig?: {
    /** The name of the table. */
    readonly name?: string;
    /** The fraction of requests to record, from 0 to 1. */
    readonly samplingFraction?: number;
  };
  /** The tables, each by its full name. */
  readonly tableNames?: {
    /** The table for annotations of traces. */
    readonly annotationsTable?: string;
    /** The table for logs. */
    readonly logsTable?: string;
    /** The table for metrics. */
    readonly metricsTable?: string;
    /** The table for traces. */
    readonly tracesTable?: string;
  };
}

export interface ServingEndpointProps {
  /** The name: letters, digits, - and _. Cannot be changed later. */
  readonly name: string;
  /** The models, functions and agents that the endpoint serves. */
  readonly servedEntities: readonly ServedEntity[];
  /**
   * The percentage of requests for each entity, by its name. The sum must be 100.
   * @default - all requests go to the first entity
   */
  readonly traffic?: Readonly<Record<string, number>>;
  /** The legacy inference tables. */
  readonly autoCaptureConfig?: {
    /** The catalog of the tables. Cannot be changed later. */
    readonly catalogName?: string;
    /** The schema of the tables. Cannot be changed later. */
    readonly schemaName?: string;
    /** The prefix of the tables' names. @default - the endpoint's name */
    readonly tableNamePrefix?: string;
    /** Whether requests are logged. @default - chosen by the platform */
    readonly enabled?: boolean;
  };
  /** The tags of the endpoint, for billing. @default - none */
  readonly tags?: Readonly<Record<string, string>>;
  /**
   * Rate limits, guardrails, usage tracking and inference tables, in the format of the Terraform
   * provider.
   */
  readonly aiGateway?: ModelServingResourceConfig["aiGateway"];
  /** The telemetry of the endpoint. Requires cdktn. @default - none */
  readonly telemetryConfig?: ServingTelemetry;
  /** E-mail addresses to notify of updates. @default - none */
  readonly emailNotifications?: {
    /** Notified when an update succeeds. */
    readonly onUpdateSuccess?: readonly string[];
    /** Notified when an update fails. */
    readonly onUpdateFailure?: readonly string[];
  };
  /** Use route optimization. Cannot be changed later. @default false */
  readonly routeOptimized?: boolean;
  /** The description. Set only when the endpoint is created. */
  readonly description?: string;
  /** The id of the budget policy. Set only when the endpoint is created. */
  readonly budgetPolicyId?: string;
  /** The time limits of Terraform operations. */
  readonly timeouts?: {
    /** The time limit of a create: `30m`. */
    readonly create?: string;
    /** The time limit of an update: `30m`. */
    readonly update?: string;
  };
}

/**
 * An endpoint that serves models, functions and agents.
 *
 * @example
 * const churn = new ServingEndpoint(stack, "churn", {
 *   name: "churn",
 *   servedEntities: [
 *     {
 *       name: "churn",
 *       entity: RegisteredModel.fromName("main.ml.churn"),
 *       entityVersion: "3",
 *       workloadSize: "Small",
 *     },
 *   ],
 * });
 * churn.permissions.allow("CAN_QUERY", Group.named("analysts"));
 * @see https://docs.databricks.com/aws/en/machine-learning/model-serving/
 */
export class ServingEndpoint extends Element {
  /** The name as a Terraform reference, so that Terraform creates the endpoint first. */
  readonly name: string;
  readonly #servingEndpointId: string;
  #permissions: Permissions<ServingEndpointLevel> | undefined;

  /** @throws ConstructError BAD_NAME, BAD_SERVED_ENTITY, BAD_TRAFFIC */
  constructor(scope: Construct, id: string, props: ServingEndpointProps) {
    super(scope, id);
    this.#check(props);
    const {
      servedEntities,
      traffic,
      autoCaptureConfig,
      tags,
      emailNotifications,
      telemetryConfig,
      ...rest
    } = props;
    const { ModelServing } = load("model-serving");
    const resource = new ModelServing(this, "Resource", {
      ...rest,
      ...renderFieldsOfNewerBindings(this, { telemetryConfig }, "1.132.0"),
      config: {
        autoCaptureConfig,
        servedEntities: servedEntities.map(
          ({ entity, environmentVars, burstScalingEnabled, ...served }) => ({
            ...served,
            ...renderFieldsOfNewerBindings(this, { burstScalingEnabled }, "1.132.0"),
            entityName: typeof entity === "object" ? entity.renderFullName() : entity,
            environmentVars:
              environmentVars &&
              Object.fromEntries(
                Object.entries(environmentVars).map(([name, value]) => [name, value.toString()]),
              ),
          }),
        ),
        trafficConfig: traffic && {
          routes: Object.entries(traffic).map(([servedEntityName, trafficPercentage]) => ({
            servedEntityName,
            trafficPercentage,
          })),
        },
      },
      tags: tags && Object.entries(tags).map(([key, value]) => ({ key, value })),
      emailNotifications: emailNotifications && {
        onUpdateSuccess: emailNotifications.onUpdateSuccess && [
          ...emailNotifications.onUpdateSuccess,
        ],
        onUpdateFailure: emailNotifications.onUpdateFailure && [
          ...emailNotifications.onUpdateFailure,
        ],
      },
    });
    this.name = resource.name;
    this.#servingEndpointId = resource.servingEndpointId;
  }

  /** The access list of the serving endpoint. It replaces all other permissions on the object. */
  get permissions(): Permissions<ServingEndpointLevel> {
    return (this.#permissions ??= Permissions.onServingEndpoint(
      this,
      "Permissions",
      this.#servingEndpointId,
    ));
  }

  #check({ name, servedEntities, traffic }: ServingEndpointProps): void {
    if (!isReference(name) && !/^[\w-]{1,63}$/.test(name)) {
      throw errorAt(this, "BAD_NAME", "invalid name of a serving endpoint", {
        value: name,
        allowed: "1 to 63 letters, digits, - and _",
      });
    }
    const names = servedEntities.map((served) => served.name);
    const ambiguousEntity = servedEntities.find(
      ({ entity, externalModel }) => (entity === undefined) === (externalModel === undefined),
    );
    const duplicateName = names.find((entity, index) => names.indexOf(entity) !== index);
    if (ambiguousEntity !== undefined || duplicateName !== undefined) {
      throw errorAt(
        this,
        "BAD_SERVED_ENTITY",
        duplicateName === undefined
          ? "a served entity needs either an entity or an external model"
          : "two served entities have the same name",
        {
          value: duplicateName ?? ambiguousEntity?.name ?? "",
          allowed: "an entity or an externalModel, with a unique name",
          fix:
            duplicateName === undefined
              ? "set exactly one of entity and externalModel"
              : "rename one of them",
        },
      );
    }
    if (traffic === undefined) return;
    const unknownEntity = Object.keys(traffic).find((entity) => !names.includes(entity));
    const sum = Object.values(traffic).reduce((total, percent) => total + percent, 0);
    if (unknownEntity !== undefined || sum !== 100) {
      throw errorAt(
        this,
        "BAD_TRAFFIC",
        unknownEntity === undefined
          ? "the traffic percentages do not add up to 100"
          : "traffic for an entity that is not served",
        {
          value: unknownEntity ?? `${sum} percent`,
          allowed: `100 percent in total, for ${names.join(", ")}`,
          fix: unknownEntity === undefined ? "correct the percentages" : "name a served entity",
        },
      );
    }
  }
}
