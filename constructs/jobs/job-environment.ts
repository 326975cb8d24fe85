import { Construct, type JobConfig } from "../core/bindings";
import { renderFieldsOfNewerBindings } from "../core/newer-bindings";

export type JobEnvironmentProps = {
  /** The pip requirements: `requests==2.31.0`, or the path of a wheel. */
  readonly dependencies?: readonly string[];
  /** The JARs, for JAR tasks. */
  readonly javaDependencies?: readonly string[];
  /**
   * The path of the workspace's base environment that this one extends. Requires cdktn.
   * @default - none
   */
  readonly baseEnvironment?: string;
} & (
  | {
      /** The version of the serverless environment: `"4"`. */
      readonly environmentVersion: string;
      readonly client?: never;
    }
  | {
      /** The former name of `environmentVersion`, still used by existing jobs: `"1"`. */
      readonly client: string;
      readonly environmentVersion?: never;
    }
);

/**
 * The dependencies that serverless compute installs before it runs a task. Created by
 * {@link Workflow.addEnvironment}.
 *
 * @example
 * const tools = workflow.addEnvironment("tools", {
 *   environmentVersion: "2",
 *   dependencies: ["requests==2.31.0"],
 * });
 * workflow.addTask("load", { run: SparkPythonTask.at("/Workspace/Shared/load.py"), on: tools });
 * workflow.addTask("report", { run: NotebookTask.at("/Shared/report"), on: Serverless.compute });
 */
export class JobEnvironment extends Construct {
  readonly #brand = "JobEnvironment";
  /** The key by which tasks refer to this job environment. */
  readonly key: string;
  /** @internal */
  readonly rendered: Extract<NonNullable<JobConfig["environment"]>, unknown[]>[number];

  /** @internal use `workflow.addEnvironment` */
  constructor(scope: Construct, id: string, key: string, props: JobEnvironmentProps) {
    super(scope, id);
    this.key = key;
    this.rendered = {
      environmentKey: key,
      spec: {
        environmentVersion: props.environmentVersion,
        client: props.client,
        dependencies: props.dependencies && [...props.dependencies],
        javaDependencies: props.javaDependencies && [...props.javaDependencies],
        ...renderFieldsOfNewerBindings(this, { baseEnvironment: props.baseEnvironment }),
      },
    };
  }

  override toString(): string {
    return `${this.#brand} ${this.node.path}`;
  }
}

/** Serverless compute without a job environment. The notebook itself declares its dependencies. */
export class Serverless {
  /** The compute for `on` of a notebook task. */
  static readonly compute = new Serverless();
  readonly #brand = "Serverless";
  private constructor() {}

  toString(): string {
    return this.#brand;
  }
}
