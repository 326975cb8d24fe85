import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { RegisteredModelGrants } from "./grants";
import type { ISchema } from "./schema";
import { checkName, splitFullName } from "./securable-name";

export interface RegisteredModelProps {
  /** The schema that contains the model. Cannot be changed later. */
  readonly schema: ISchema;
  /** The name, without catalog and schema. Cannot be changed later. */
  readonly name: string;
  /** A description for users of the model. @default - none */
  readonly comment?: string;
  /**
   * The owner: the name of a user or group, or the application id of a service principal.
   * @default - the deploying identity
   */
  readonly owner?: string;
  /**
   * The storage location of the model. Cannot be changed later.
   * @default - the storage of the schema
   */
  readonly storageLocation?: string;
}

/**
 * A model of Unity Catalog, managed by this stack or elsewhere. Used for serving endpoints, and
 * `RegisteredModelGrants.on`.
 */
export interface IRegisteredModel {
  /** Distinguishes a model from other handles at compile time. */
  readonly kind: "registered model";
  /** `catalog.schema.model` */
  readonly fullName: string;
  /** Returns the full name, which is a Terraform reference for a model of this stack. */
  renderFullName(): string;
}

/**
 * A model in Unity Catalog. A deploy does not change its versions and aliases, which training code
 * manages.
 *
 * @example
 * const churn = new RegisteredModel(stack, "churn", {
 *   schema: Schema.fromName("main.ml"),
 *   name: "churn",
 * });
 * churn.grants.execute(Group.named("analysts"));
 * @see https://docs.databricks.com/aws/en/machine-learning/manage-model-lifecycle/
 */
export class RegisteredModel extends Element implements IRegisteredModel {
  /**
   * A model that is managed elsewhere, as `catalog.schema.model`.
   * @throws ConstructError BAD_NAME
   */
  static fromName(fullName: string): IRegisteredModel {
    splitFullName(fullName, "catalog.schema.model");
    return { kind: "registered model", fullName, renderFullName: () => fullName };
  }

  readonly kind = "registered model";
  readonly fullName: string;
  /** The grants on the model. */
  readonly grants: RegisteredModelGrants;
  readonly #id: string;

  /** @throws ConstructError BAD_NAME */
  constructor(scope: Construct, id: string, props: RegisteredModelProps) {
    super(scope, id);
    checkName(this, "registered model", props.name);
    const { schema, ...rest } = props;
    const { RegisteredModel: RegisteredModelResource } = load("registered-model");
    const resource = new RegisteredModelResource(this, "Resource", {
      ...rest,
      catalogName: schema.renderCatalogName(),
      schemaName: schema.renderName(),
    });
    this.fullName = `${schema.fullName}.${props.name}`;
    this.#id = resource.id;
    this.grants = new RegisteredModelGrants(this, { model: resource.id });
  }

  renderFullName(): string {
    return this.#id;
  }
}
