import { ConstructError } from "../core/errors";
import { nameProblem, nameRules } from "../core/names";
import { callerPosition } from "../core/caller-position";

/**
 * A reference `{{secrets/scope/key}}`, which the workspace replaces with the value when a cluster
 * starts. Only scopes and secrets create it.
 *
 * @example
 * new AllPurposeCluster(stack, "shared", {
 *   name: "shared",
 *   sparkVersion: SparkVersion.LTS_15_4,
 *   nodeType: NodeType.of("i3.xlarge"),
 *   size: ClusterSize.singleNode(),
 *   sparkConf: { "spark.hadoop.fs.s3a.secret.key": scope.reference("s3-key") },
 * });
 */
export class SecretReference {
  readonly #brand = "SecretReference";

  /** @internal use `scope.reference(key)` or `secret.reference` */
  constructor(
    readonly scopeName: string,
    readonly key: string,
  ) {
    const problem = nameProblem(nameRules.secretKey, key);
    if (problem !== undefined) {
      throw new ConstructError("BAD_NAME", `the key of the secret ${problem}`, {
        path: callerPosition(),
        value: key,
        allowed: nameRules.secretKey.allowed,
      });
    }
  }

  toString(): string {
    return `{{secrets/${this.scopeName}/${this.key}}}`;
  }

  toJSON(): string {
    return `${this.#brand} ${this.toString()}`;
  }
}

/** A secret scope, of this stack or an existing one. */
export interface ISecretScope {
  /** The scope's name. */
  readonly scopeName: string;
  /**
   * Returns `{{secrets/scope/key}}`, for the Spark configuration and environment variables of
   * clusters.
   * @throws ConstructError BAD_NAME for an invalid key
   */
  reference(key: string): SecretReference;
  /** Returns the scope's name for use in other resources. */
  renderName(): string;
}
