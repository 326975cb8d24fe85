/** How the workspace executes what was deployed. Nothing is executed unless it is asked for. */
export interface ExecutionOptions {
  /** Execute each task that no line of the outcomes script covers. @default false: only those that a line with `execution: true` names */
  readonly all?: boolean;
  /** Scripts that come over HTTP may name tasks to execute. @default false: only the script of the start */
  readonly onRequest?: boolean;
  /** The Python that runs the tasks: a path or a command. @default the project's virtual environment, else python3 */
  readonly python?: string;
  /** The project's folder, where `.venv` and `venv` are looked for. @default the process's working directory */
  readonly project?: string;
  /** Names of environment variables that tasks get besides the usual ones. */
  readonly passEnv?: readonly string[];
  /** Allow `%pip install` and `pypi` libraries: they go into a folder of the task. @default false */
  readonly allowPip?: boolean;
  /** The most memory that a process of a task may allocate, in bytes; 0 is no limit. @default 4 GiB */
  readonly memoryBytes?: number;
  /** The longest that a task may take, in milliseconds of the machine's time. @default 1 hour */
  readonly timeLimitMs?: number;
  /** With TLS: the authority that tasks trust. */
  readonly caFile?: string;
}

export const DEFAULT_MEMORY = 4 * 1024 ** 3;
export const DEFAULT_TIME_LIMIT_MS = 3_600_000;
