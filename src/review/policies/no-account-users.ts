import { grantsOf } from "./no-all-privileges";
import type { Policy } from "./policy";

export const noAccountUsers: Policy = {
  id: "no-account-users",
  title: "nothing is granted to account users",
  severity: "error",
  explanation: "`account users` is every person and service principal of the whole account, guests and other departments included.",
  fix: "grant to a group that somebody is responsible for",
  types: ["databricks_grants", "databricks_grant"],
  check: (resource) =>
    grantsOf(resource)
      .filter(({ principal }) => principal.trim().toLowerCase() === "account users")
      .map(({ where, privileges }) => ({ where: `${where}principal`, message: `everybody in the account gets ${privileges.join(", ")}` })),
  examples: {
    good: { type: "databricks_grant", config: { catalog: "main", principal: "analysts", privileges: ["USE_CATALOG"] } },
    bad: { type: "databricks_grant", config: { catalog: "main", principal: "account users", privileges: ["USE_CATALOG"] } },
  },
};
