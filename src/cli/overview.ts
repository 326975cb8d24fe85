import { localConnection } from "../terraform/connection";
import { projectHere } from "../terraform/project";
import { readStacks } from "../terraform/stack";
import { LakeformError } from "../errors";
import type { Io } from "./io";
import { packageVersion } from "./package-version";

/**
 * The output of `lakeform` without arguments: the current project, and the next three useful
 * commands.
 */
export function overview(io: Pick<Io, "cwd">): string {
  const project = projectHere(io.cwd);
  const stacks =
    project === undefined
      ? undefined
      : undefinedOn(["NOT_SYNTHESIZED", "BROKEN_SYNTH_OUTPUT"], () => readStacks(project));
  const workspace =
    project &&
    undefinedOn(
      ["WORKSPACE_NOT_RUNNING"],
      () => localConnection(project).environment["DATABRICKS_HOST"],
    );
  const environments = [...new Set((stacks ?? []).map(({ metadata }) => metadata.environment))];
  const facts: [string, string][] = [
    ["project", project?.root ?? "none in this folder or its parents"],
    ...(project === undefined
      ? []
      : ([
          ["stacks", stacks?.map(({ name }) => name).join(", ") ?? "not built yet"],
          ["environments", environments.join(", ") || "known after lakeform synth"],
          ["local workspace", workspace === undefined ? "not running" : `running at ${workspace}`],
        ] satisfies [string, string][])),
  ];
  return `lakeform ${packageVersion()}: Databricks as code in TypeScript

${facts.map(([name, value]) => `${`${name}:`.padEnd(17)}${value}`).join("\n")}

next:
${nextCommands(stacks !== undefined, project !== undefined, environments, workspace !== undefined)
  .map((command) => `  ${command}`)
  .join("\n")}

lakeform --help lists all commands.
`;
}

function nextCommands(
  isBuilt: boolean,
  isProject: boolean,
  environments: readonly string[],
  isRunning: boolean,
): string[] {
  if (!isProject) return ["lakeform init NAME", "lakeform verify --dir FOLDER", "lakeform doctor"];
  if (!isBuilt) return ["lakeform synth", "lakeform workspace start --detach", "lakeform doctor"];
  const environment = environments.includes("local") ? "local" : (environments[0] ?? "ENVIRONMENT");
  const commands = [
    `lakeform review ${environment}`,
    `lakeform deploy ${environment}`,
    `lakeform verify ${environment}`,
  ];
  return environment === "local" && !isRunning
    ? ["lakeform workspace start --detach", ...commands.slice(0, 2)]
    : commands;
}

/** Returns the result; undefined if an error with one of these codes is thrown. */
function undefinedOn<T>(codes: readonly string[], read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof LakeformError && codes.includes(error.code)) return undefined;
    throw error;
  }
}
