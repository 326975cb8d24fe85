import { object } from "../plan/json";
import type { Breach, Policy } from "./policy";

export const durableState: Policy = {
  id: "durable-state",
  title: "the state of a stack outlives the machine that deploys it",
  severity: "warning",
  explanation:
    "The local backend keeps Terraform's state on one machine. An ephemeral CI runner loses it. The next deploy is then rejected, or would create all objects again. `lakeform ci` writes no pipeline for such an environment.",
  fix: 'set backend: { kind: "workspace" } in the profile of the environment, then run lakeform state migrate for each stack that is deployed',
  types: ["terraform"],
  check: ({ config }, { embedded }): Breach[] => {
    return object(config.backend).local !== undefined && !embedded
      ? [{ where: "backend", message: "the state is a file on the machine that deploys" }]
      : [];
  },
  examples: {
    good: { type: "terraform", config: { backend: { http: { username: "etl-dev" } } } },
    bad: {
      type: "terraform",
      config: { backend: { local: { path: "../../../.lakeform/state/etl-dev.tfstate" } } },
    },
  },
};
