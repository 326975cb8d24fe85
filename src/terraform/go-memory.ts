import os from "node:os";

/**
 * Returns the bytes that this process and its children can use: the memory of the machine, or the
 * container's limit if that is smaller.
 */
function usableMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, os.totalmem()) : os.totalmem();
}

/**
 * Returns Go's memory settings for Terraform. With the default GOGC=100, Terraform spends a sixth
 * of its processor time in the garbage collector. A larger heap target saves most of that time
 * (docs/deploy.md has the figures). The memory limit makes the collector run more often when memory
 * is short. If the user has set one of these variables, returns none.
 * @param processes number of Go processes that run at the same time: Terraform, and the official
 * provider
 */
export function goMemory(
  env: NodeJS.ProcessEnv,
  processes: 1 | 2,
  memory = usableMemory(),
): Record<string, string> {
  if (isSet(env.GOGC) || isSet(env.GOMEMLIMIT)) return {};
  const megabytes = Math.floor(memory / 2 / processes / 2 ** 20);
  return { GOGC: "160", GOMEMLIMIT: `${megabytes}MiB` };
}

const isSet = (value: string | undefined): boolean => value !== undefined && value !== "";
