/**
 * Kinds for Unity Catalog's access to a cloud: credentials and external locations. The platform
 * checks each write in the cloud unless `skip_validation` is set. An object can be isolated, so
 * that only some workspaces can use it.
 */
import type { Kind } from "../kind";
import { valueProblems } from "../shape/allowed-values";
import { securable, type Securable } from "./unity-catalog";

interface CloudAccess extends Omit<
  Securable,
  "fullName" | "afterCreate" | "forceAttributes" | "unset"
> {
  /** Further fields that an update also sends if they change from `true` to `false`. */
  readonly sentIfDisabled?: readonly string[];
}

/** @param spec `create` and `update` list only the fields that not all of these kinds have */
export function cloudAccess(spec: CloudAccess): Kind {
  const sentIfDisabled = ["read_only", ...(spec.sentIfDisabled ?? [])];
  return securable({
    ...spec,
    fullName: ["name"],
    create: ["name", ...spec.create, "comment", "read_only", "skip_validation"],
    update: [...spec.update, "comment", "read_only", "isolation_mode", "skip_validation"],
    sentIfDisabled,
    forceAttributes: { update: "force_update", delete: "force_destroy" },
    afterCreate: ["owner", "isolation_mode"],
    unset: {
      comment: "",
      owner: null,
      ...Object.fromEntries(sentIfDisabled.map((field) => [field, false])),
    },
    rules: {
      ...spec.rules,
      backendDefaults: {
        isolation_mode: {
          reason: "documented default",
          when: (value) => value === "ISOLATION_MODE_OPEN",
        },
        owner: { reason: "the creator, if the code sets no owner", when: () => true },
        ...spec.rules.backendDefaults,
      },
      configOnly: {
        force_destroy: "only controls how Terraform deletes",
        force_update: "only controls how Terraform updates",
        skip_validation: "controls how the platform checks a request; not stored in the workspace",
      },
    },
    suppress: {
      // Enabling it alone changes nothing in the workspace.
      skip_validation: (before, after) => before !== true && after === true,
      ...spec.suppress,
    },
    validate: (config) => [
      ...valueProblems(config, {
        isolation_mode: ["ISOLATION_MODE_ISOLATED", "ISOLATION_MODE_OPEN"],
      }),
      ...(spec.validate?.(config) ?? []),
    ],
  });
}
