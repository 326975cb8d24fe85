import { isList } from "../plan/json";
import type { Breach, Policy } from "./policy";

export const privateState: Policy = {
  id: "private-state",
  title: "only the deployer and admins can read a state that holds secrets",
  severity: "warning",
  explanation:
    "Terraform's state holds the values of secrets in clear. Without a key, each principal that may read the folder of the state in the workspace can read them. A folder below `/Workspace/Shared` is open to all users of the workspace, and its access list cannot be narrowed.",
  fix: "encrypt the state (LAKEFORM_STATE_KEY), or set recordFolder of the stack to a folder that only the deployer can read; principals that may read it are listed in the profile: { readers: [name, …] }",
  types: ["terraform"],
  check: ({ config }, { stateReaders = [], settings }): Breach[] => {
    if (config.backend === undefined) return [];
    const allowed = isList(settings.readers) ? settings.readers : [];
    const others = stateReaders.filter((name) => !allowed.includes(name));
    return others.length === 0
      ? []
      : [{ where: "backend", message: `the state is not encrypted, and can be read by ${others.join(", ")}` }];
  },
  examples: {
    good: { type: "terraform", config: { backend: { http: { username: "etl-dev" } } } },
    bad: { type: "terraform", config: { backend: { http: { username: "etl-dev" } } }, stateReaders: ["group users"] },
  },
};
