import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import type { SecretValue } from "../secrets/secret-value";
import { checkName } from "../catalog/securable-name";

export interface SharingProviderProps {
  /** The name, which must be unique in the metastore. */
  readonly name: string;
  /** A description of the provider. @default - none */
  readonly comment?: string;
  /** The content of the provider's credential file, which is JSON. */
  readonly recipientProfile: SecretValue;
}

/**
 * An organization outside of Databricks that shares data with this metastore. Its shares can be
 * mounted as catalogs.
 *
 * @example
 * new SharingProvider(stack, "weather", {
 *   name: "weather",
 *   recipientProfile: SecretValue.fromEnvironment("WEATHER_PROFILE"),
 * });
 * @see https://docs.databricks.com/aws/en/delta-sharing/read-data-open
 */
export class SharingProvider extends Element {
  readonly name: string;
  readonly #name: string;

  /** @throws ConstructError BAD_NAME */
  constructor(scope: Construct, id: string, props: SharingProviderProps) {
    super(scope, id);
    checkName(this, "provider", props.name);
    const { recipientProfile, ...rest } = props;
    const { ProviderResource } = load("provider-resource");
    this.name = props.name;
    this.#name = new ProviderResource(this, "Resource", {
      ...rest,
      authenticationType: "TOKEN",
      recipientProfileStr: recipientProfile.render(this),
    }).name;
  }

  renderName(): string {
    return this.#name;
  }
}
