/** How the workspace executes tasks. Nothing is executed unless requested. */
export interface ExecutionOptions {
  /**
   * Execute each task that no line of the outcomes script covers.
   * @default false: only those that a line with `execution: true` selects
   */
  readonly all?: boolean;
  /**
   * Scripts sent over HTTP may select tasks to execute.
   * @default false: only the script given at startup
   */
  readonly onRequest?: boolean;
  /**
   * The Python that runs the tasks: a path or a command.
   * @default the project's virtual environment, else python3
   */
  readonly python?: string;
  /**
   * The project's folder, searched for `.venv` and `venv`.
   * @default the process's working directory
   */
  readonly project?: string;
  /** Names of additional environment variables for tasks. */
  readonly passEnv?: readonly string[];
  /**
   * Allow `%pip install` and `pypi` libraries: they are installed into a folder of the task.
   * @default false
   */
  readonly allowPip?: boolean;
  /** The maximum memory of a task process, in bytes; 0 means no limit. @default 4 GiB */
  readonly memoryBytes?: number;
  /** The maximum duration of a task, in milliseconds of the machine's time. @default 1 hour */
  readonly timeLimitMs?: number;
  /** The certificate authority that tasks trust, if the server uses TLS. */
  readonly caFile?: string;
}

export const DEFAULT_MEMORY = 4 * 1024 ** 3;
export const DEFAULT_TIME_LIMIT_MS = 3_600_000;
