import { object, text } from "../plan/json";
import type { Policy } from "./policy";
import { strings } from "./shape";

const tagFields: Readonly<Record<string, string>> = {
  databricks_job: "tags",
  databricks_cluster: "custom_tags",
  databricks_instance_pool: "custom_tags",
};

export const requiredTags: Policy = {
  id: "required-tags",
  title: "jobs, clusters and pools have the tags that the organisation requires",
  severity: "error",
  explanation:
    'Cost reports and clean-up jobs use tags. The profile of an environment lists the required tags: `policies: { "required-tags": { tags: ["team", "cost-center"] } }`. Without this setting, no tags are required.',
  fix: "add the missing tags, preferably once for the whole stack",
  types: Object.keys(tagFields),
  check: (resource, { settings }) => {
    const field = tagFields[resource.type] ?? "tags";
    const tags = object(resource.config[field]);
    const missing = strings(settings.tags).filter((tag) => (text(tags[tag]) ?? "") === "");
    return missing.length === 0
      ? []
      : [{ where: field, message: `missing: ${missing.join(", ")}` }];
  },
  examples: {
    good: {
      type: "databricks_job",
      settings: { tags: ["team"] },
      config: { tags: { team: "data" } },
    },
    bad: {
      type: "databricks_job",
      settings: { tags: ["team", "cost-center"] },
      config: { tags: { team: "data" } },
    },
  },
};
