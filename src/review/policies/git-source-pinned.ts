import type { Breach, Policy } from "./policy";
import { block } from "./shape";

export const gitSourcePinned: Policy = {
  id: "git-source-pinned",
  title: "in production, Git sources are pinned to a tag or a commit",
  severity: "error",
  explanation:
    "The code of a job that runs from a branch changes with every push, without review, deploy or record.",
  fix: "set git_source.tag or git_source.commit (databricks_repo: tag or commit_hash)",
  types: ["databricks_job", "databricks_repo"],
  check: (resource, { production }): Breach[] => {
    if (!production) return [];
    const source =
      resource.type === "databricks_repo" ? resource.config : block(resource.config.git_source);
    const where = resource.type === "databricks_repo" ? "" : "git_source.";
    if (
      source === undefined ||
      typeof source.tag === "string" ||
      typeof source.commit === "string" ||
      typeof source.commit_hash === "string"
    )
      return [];
    return [
      {
        where: `${where}branch`,
        message:
          typeof source.branch === "string"
            ? `it follows the branch ${source.branch}`
            : "it follows the default branch",
      },
    ];
  },
  examples: {
    good: {
      type: "databricks_job",
      environment: "prod",
      config: {
        git_source: { url: "https://github.com/acme/etl", provider: "gitHub", tag: "v1.4.0" },
      },
    },
    bad: {
      type: "databricks_job",
      environment: "prod",
      config: {
        git_source: { url: "https://github.com/acme/etl", provider: "gitHub", branch: "main" },
      },
    },
  },
};
