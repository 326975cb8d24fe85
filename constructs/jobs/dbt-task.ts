import { ConstructError } from "../core/errors";
import { callerPosition } from "../core/caller-position";
import type { ISqlWarehouse } from "../sql/sql-warehouse";
import { ComputeRun, type FileSource, type RenderedRun, type RunContext } from "./task-run";

export interface DbtProps {
  /** The warehouse that runs the models. @default - as in profiles.yml */
  readonly warehouse?: ISqlWarehouse;
  /**
   * The catalog for the models. Requires `warehouse`.
   * @default - the warehouse's default catalog
   */
  readonly catalog?: string;
  /** The schema for the models. @default "default" */
  readonly schema?: string;
  /**
   * The folder that contains dbt_project.yml: relative to the root of the Git source, or in the
   * workspace.
   */
  readonly projectDirectory?: string;
  /**
   * The folder that contains profiles.yml, relative to the project. Only without `warehouse`.
   * @default - the root of the project
   */
  readonly profilesDirectory?: string;
  /** Where the project comes from. @default - GIT if the job has a Git source, else WORKSPACE */
  readonly source?: FileSource;
}

/**
 * Runs dbt commands. The dbt process runs on the compute in `on`, the models run on the warehouse.
 *
 * @example
 * DbtTask.of(["dbt deps", "dbt run"], { projectDirectory: "dbt", schema: "gold" });
 * @see https://docs.databricks.com/aws/en/jobs/tasks/dbt
 */
export class DbtTask extends ComputeRun {
  /**
   * @throws ConstructError BAD_DBT_COMMAND unless there are one to ten commands, each of which
   * starts with dbt
   */
  static of(commands: readonly string[], props: DbtProps = {}): DbtTask {
    const invalidCommand =
      commands.length === 0 ? "none" : commands.find((command) => !/^dbt\s+\S/.test(command));
    if (invalidCommand !== undefined || commands.length > 10) {
      throw new ConstructError(
        "BAD_DBT_COMMAND",
        "a dbt task needs one to ten commands that start with dbt",
        {
          path: callerPosition(),
          value: invalidCommand ?? String(commands.length),
          allowed: '"dbt run", "dbt test --select tag:daily"',
          fix: "correct the command, or split the task",
        },
      );
    }
    return new DbtTask(commands, props);
  }

  private constructor(
    private readonly commands: readonly string[],
    private readonly props: DbtProps,
  ) {
    super();
  }

  render(context: RunContext): RenderedRun {
    const { warehouse, source, ...rest } = this.props;
    return {
      dbtTask: {
        commands: [...this.commands],
        ...rest,
        warehouseId: warehouse?.renderWarehouseId(),
        source: source ?? (context.hasGitSource ? "GIT" : "WORKSPACE"),
      },
    };
  }
}
