import type { StackResource } from "../plan/stack";
import type { Policy } from "./policy";
import { blocks, strings } from "./shape";

/** Returns the principals and privileges of a databricks_grants or databricks_grant. */
export function grantsOf(resource: StackResource): {
  readonly principal: string;
  readonly privileges: readonly string[];
  readonly where: string;
}[] {
  const grants =
    resource.type === "databricks_grant" ? [resource.config] : blocks(resource.config.grant);
  return grants.map((grant) => {
    const principal = typeof grant.principal === "string" ? grant.principal : "?";
    return {
      principal,
      privileges: strings(grant.privileges),
      where: resource.type === "databricks_grant" ? "" : `grant[${principal}].`,
    };
  });
}

export const noAllPrivileges: Policy = {
  id: "no-all-privileges",
  title: "grants list their privileges",
  severity: "error",
  explanation:
    "ALL_PRIVILEGES includes every future privilege of the platform, and allows changing and creating objects where only reading was intended.",
  fix: "list the required privileges: USE_SCHEMA, SELECT, …",
  types: ["databricks_grants", "databricks_grant"],
  check: (resource) =>
    grantsOf(resource)
      .filter(({ privileges }) =>
        privileges.some(
          (privilege) => privilege.toUpperCase().replaceAll(" ", "_") === "ALL_PRIVILEGES",
        ),
      )
      .map(({ where, principal }) => ({
        where: `${where}privileges`,
        message: `${principal} gets ALL_PRIVILEGES`,
      })),
  examples: {
    good: {
      type: "databricks_grants",
      config: {
        schema: "main.etl",
        grant: [{ principal: "analysts", privileges: ["USE_SCHEMA", "SELECT"] }],
      },
    },
    bad: {
      type: "databricks_grants",
      config: {
        schema: "main.etl",
        grant: [{ principal: "analysts", privileges: ["ALL_PRIVILEGES"] }],
      },
    },
  },
};
