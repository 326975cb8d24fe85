import { Permissions, type ExperimentLevel } from "../access/permissions";
import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import { isReference } from "../core/names";

export interface MlflowExperimentProps {
  /** The name, which is a path in the workspace: `/Shared/churn`. */
  readonly name: string;
  /**
   * The storage of artifacts: `dbfs:/…`, or a volume. Cannot be changed later.
   * @default - chosen by the platform
   */
  readonly artifactLocation?: string;
  /** The tags. They are set when the experiment is created; later changes have no effect. */
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * An MLflow experiment: a collection of training runs.
 *
 * @example
 * const churn = new MlflowExperiment(stack, "churn", { name: "/Shared/churn" });
 * churn.permissions.allow("CAN_EDIT", Group.named("data-scientists"));
 * @see https://docs.databricks.com/aws/en/mlflow/experiments
 */
export class MlflowExperiment extends Element {
  /** The id as a Terraform reference, for code that logs runs. */
  readonly experimentId: string;
  #permissions: Permissions<ExperimentLevel> | undefined;

  /** @throws ConstructError BAD_PATH */
  constructor(scope: Construct, id: string, props: MlflowExperimentProps) {
    super(scope, id);
    const { name, tags, ...rest } = props;
    if (!isReference(name) && (!name.startsWith("/") || name.endsWith("/")))
      throw errorAt(this, "BAD_PATH", "the name of an experiment is its path in the workspace", {
        value: name,
        allowed: "/Shared/name or /Users/name/…",
        fix: "use an absolute path",
      });
    const { MlflowExperiment: MlflowExperimentResource } = load("mlflow-experiment");
    const resource = new MlflowExperimentResource(this, "Resource", {
      ...rest,
      name,
      tags: renderTags(tags),
    });
    this.experimentId = resource.id;
  }

  /** The access list of the experiment. It replaces all other permissions on the object. */
  get permissions(): Permissions<ExperimentLevel> {
    return (this.#permissions ??= Permissions.onExperiment(this, "Permissions", this.experimentId));
  }
}

/** Renders the tags as a list. It is sorted, because another order would show as a change. */
export function renderTags(
  tags: Readonly<Record<string, string>> | undefined,
): { key: string; value: string }[] | undefined {
  if (tags === undefined) return undefined;
  const entries = Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, value]) => ({ key, value }));
}
