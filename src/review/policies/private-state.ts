import { isList } from "../plan/json";
import type { Breach, Policy } from "./policy";

export const privateState: Policy = {
  id: "private-state",
  title: "only the deployer and admins can read a state that contains secrets",
  severity: "warning",
  explanation:
    "Terraform's state contains the values of secrets in clear text. Unless it is encrypted, each principal with read access to its folder in the workspace can read them. A folder below `/Workspace/Shared` is open to all users of the workspace, and its access list cannot be narrowed.",
  fix: 'encrypt the state (LAKEFORM_STATE_KEY), or set recordFolder of the stack to a folder that only the deployer can read; if other principals may read the state, list them in the profile of the environment: policies: { "private-state": { readers: [name, …] } }',
  types: ["terraform"],
  check: ({ config }, { stateReaders = [], settings }): Breach[] => {
    if (config.backend === undefined) return [];
    const allowed = isList(settings.readers) ? settings.readers : [];
    const otherReaders = stateReaders.filter((name) => !allowed.includes(name));
    return otherReaders.length === 0
      ? []
      : [
          {
            where: "backend",
            message: `the state is not encrypted, and can be read by ${otherReaders.join(", ")}`,
          },
        ];
  },
  examples: {
    good: {
      type: "terraform",
      config: { backend: { http: { username: "etl-dev" } } },
      stateReaders: [],
    },
    bad: {
      type: "terraform",
      config: { backend: { http: { username: "etl-dev" } } },
      stateReaders: ["group users"],
    },
  },
};
