import { grantsOf } from "./no-all-privileges";
import type { Policy } from "./policy";

export const noAccountUsers: Policy = {
  id: "no-account-users",
  title: "nothing is granted to account users",
  severity: "error",
  explanation:
    "`account users` contains every user and service principal of the account, including guests and other departments.",
  fix: "grant the privileges to a group with an owner who manages its members",
  types: ["databricks_grants", "databricks_grant"],
  check: (resource) =>
    grantsOf(resource)
      .filter(({ principal }) => principal.trim().toLowerCase() === "account users")
      .map(({ where, privileges }) => ({
        where: `${where}principal`,
        message: `every account user gets ${privileges.join(", ")}`,
      })),
  examples: {
    good: {
      type: "databricks_grant",
      config: { catalog: "main", principal: "analysts", privileges: ["USE_CATALOG"] },
    },
    bad: {
      type: "databricks_grant",
      config: { catalog: "main", principal: "account users", privileges: ["USE_CATALOG"] },
    },
  },
};
