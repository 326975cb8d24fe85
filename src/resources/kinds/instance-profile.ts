import { byId, verbs } from "../families/by-id";
import type { Value } from "../kind";
import { valueProblems } from "../shape/allowed-values";
import { textOrEmpty } from "../shape/attributes";

const path = "/api/2.0/instance-profiles";

/** Returns a check for the ARN of a resource type. The role may be empty. */
function arnCheck(resourceType: "instance-profile" | "role"): (value: Value) => string | undefined {
  return (value) => {
    if (typeof value !== "string" || (value === "" && resourceType === "role")) return undefined;
    const [prefix, ...parts] = value.split(":");
    return prefix === "arn" && parts.slice(4).join(":").startsWith(resourceType)
      ? undefined
      : `an ARN of type ${resourceType} is required, got ${JSON.stringify(value)}`;
  };
}

const { update, list } = verbs(path, "instance_profile_arn");

/** An AWS role that clusters may run with. */
export const instanceProfile = byId({
  type: "databricks_instance_profile",
  title: "instance profile",
  traits: { grantsPermissions: true, comparedInList: true },
  calls: {
    create: `${path}/add`,
    list,
    update,
    delete: (arn) => ({
      method: "POST",
      path: `${path}/remove`,
      body: { instance_profile_arn: arn },
    }),
  },
  idField: "instance_profile_arn",
  nameField: "instance_profile_arn",
  items: "instance_profiles",
  idOf: (planned) => textOrEmpty(planned, "instance_profile_arn"),
  body: (fields, planned, prior) => {
    const instance_profile_arn = textOrEmpty(planned, "instance_profile_arn");
    if (prior === undefined) return { instance_profile_arn, ...fields };
    const role = textOrEmpty(planned, "iam_role_arn");
    // The profile's ARN in place of the role removes the role.
    return { instance_profile_arn, iam_role_arn: role === "" ? instance_profile_arn : role };
  },
  rules: {
    configOnly: {
      skip_validation: "controls how the platform checks a request; not stored in the workspace",
    },
    immutable: { is_meta_instance_profile: "only set when a profile is added" },
  },
  suppress: { skip_validation: (before, after) => before !== true && after === true },
  validate: (config) =>
    valueProblems(config, {
      instance_profile_arn: arnCheck("instance-profile"),
      iam_role_arn: arnCheck("role"),
    }),
});
