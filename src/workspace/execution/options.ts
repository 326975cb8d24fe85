/** How the workspace executes tasks. By default, only the outcomes script selects the tasks. */
export interface ExecutionOptions {
  /**
   * Executes each task without a matching line in the outcomes script.
   * @default false: only tasks with a matching line `execution: true`
   */
  readonly all?: boolean;
  /**
   * Allows scripts sent over HTTP to select tasks to execute.
   * @default false: only the script given at startup can
   */
  readonly onRequest?: boolean;
  /**
   * The Python interpreter that runs the tasks: a path or a command.
   * @default the project's virtual environment, else python3
   */
  readonly python?: string;
  /**
   * The project's folder, which is searched for `.venv` and `venv`.
   * @default the working directory
   */
  readonly project?: string;
  /** Names of additional environment variables for tasks. */
  readonly passEnv?: readonly string[];
  /**
   * Allows `%pip install` and `pypi` libraries, which are installed into a folder of the task.
   * @default false
   */
  readonly allowPip?: boolean;
  /** The max memory of a task process in bytes; 0 means no limit. @default 4 GiB */
  readonly memoryBytes?: number;
  /** The max duration of a task in milliseconds of the system clock. @default 1 hour */
  readonly timeLimitMs?: number;
  /** The file of the certificate authority that tasks trust. Set it if the server uses TLS. */
  readonly caFile?: string;
}

export const DEFAULT_MEMORY = 4 * 1024 ** 3;
export const DEFAULT_TIME_LIMIT_MS = 3_600_000;
