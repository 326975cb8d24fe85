import os from "node:os";

/**
 * Bytes that this process and its children can use: the machine's memory, or the container's limit
 * if that is smaller.
 */
function usableMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, os.totalmem()) : os.totalmem();
}

/**
 * Terraform spends a sixth of its processor time in the garbage collector with Go's default of
 * GOGC=100. A larger heap target saves most of it: 200 is the largest with which a stack needs no
 * more memory than it did under the full schema (docs/deploy.md has the figures). The memory limit
 * makes the collector work as before when memory gets short. Variables set by the user take
 * precedence: then none is added.
 * @param processes how many Go processes run at the same time: Terraform, and the official provider
 */
export function goMemory(
  env: NodeJS.ProcessEnv,
  processes: 1 | 2,
  memory = usableMemory(),
): Record<string, string> {
  if (isSet(env.GOGC) || isSet(env.GOMEMLIMIT)) return {};
  const megabytes = Math.floor(memory / 2 / processes / 2 ** 20);
  return { GOGC: "200", GOMEMLIMIT: `${megabytes}MiB` };
}

const isSet = (value: string | undefined): boolean => value !== undefined && value !== "";
