import { Permissions, type MlflowModelLevel } from "../access/permissions";
import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import { isReference } from "../core/names";
import { renderTags } from "./mlflow-experiment";

export interface MlflowModelProps {
  /** The name, without /, : and . Cannot be changed later. */
  readonly name: string;
  /** A description of the model. @default - none */
  readonly description?: string;
  /** The tags. They are set when the model is created; later changes have no effect. */
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * A model in the workspace's model registry. For new projects, use a {@link RegisteredModel} in
 * Unity Catalog.
 *
 * @example
 * const churn = new MlflowModel(stack, "churn", { name: "churn", description: "who leaves" });
 * churn.permissions.allow("CAN_READ", Group.users);
 * @see
 * https://docs.databricks.com/aws/en/machine-learning/manage-model-lifecycle/workspace-model-registry
 */
export class MlflowModel extends Element {
  /** The name as a Terraform reference, so that Terraform creates the model first. */
  readonly name: string;
  readonly #registeredModelId: string;
  #permissions: Permissions<MlflowModelLevel> | undefined;

  /** @throws ConstructError BAD_NAME */
  constructor(scope: Construct, id: string, props: MlflowModelProps) {
    super(scope, id);
    const { name, tags, ...rest } = props;
    if (!isReference(name) && (name === "" || /[/:.]/.test(name)))
      throw errorAt(this, "BAD_NAME", "invalid name of a model", {
        value: name,
        allowed: "a name without /, : and .",
      });
    const { MlflowModel: MlflowModelResource } = load("mlflow-model");
    const resource = new MlflowModelResource(this, "Resource", {
      ...rest,
      name,
      tags: renderTags(tags),
    });
    this.name = resource.name;
    this.#registeredModelId = resource.registeredModelId;
  }

  /** The access list of the model. It replaces all other permissions on the object. */
  get permissions(): Permissions<MlflowModelLevel> {
    return (this.#permissions ??= Permissions.onMlflowModel(
      this,
      "Permissions",
      this.#registeredModelId,
    ));
  }
}
