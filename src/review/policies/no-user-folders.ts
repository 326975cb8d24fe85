import { text } from "../plan/json";
import type { Breach, Policy } from "./policy";
import { block, isExpression, tasksOf } from "./shape";

const personal = /^\/?(Workspace\/)?(Users|Repos)\//;

export const noUserFolders: Policy = {
  id: "no-user-folders",
  title: "nothing runs from a user's folder",
  severity: "warning",
  explanation:
    "A user can change files in their folder at any time, without a review, and the folder disappears with the account. The policy checks `%run` in the notebooks that the stack uploads, and the notebook paths of its tasks.",
  fix: "upload the notebook with the stack, or move it to a folder that the team owns",
  types: ["databricks_notebook", "databricks_workspace_file", "databricks_job"],
  check: (resource, { artifact }): Breach[] => {
    if (resource.type === "databricks_job") {
      return tasksOf(resource).flatMap(({ where, task }) => {
        const path = text(block(task.notebook_task)?.notebook_path);
        const isPersonal = path !== undefined && !isExpression(path) && personal.test(path);
        return isPersonal
          ? [
              {
                where: `${where}.notebook_task.notebook_path`,
                message: `${path} is in a user's folder`,
              },
            ]
          : [];
      });
    }
    return (artifact?.text ?? "").split("\n").flatMap((line, index) => {
      const target = /%run\s+["']?([^\s"']+)/.exec(line)?.[1];
      return target !== undefined && personal.test(target)
        ? [{ where: `${artifact?.file ?? ""}:${index + 1}`, message: `%run of ${target}` }]
        : [];
    });
  },
  examples: {
    good: {
      type: "databricks_notebook",
      config: { path: "/Shared/etl/ingest" },
      content: "# MAGIC %run ./helpers\n",
    },
    bad: {
      type: "databricks_notebook",
      config: { path: "/Shared/etl/ingest" },
      content: "# MAGIC %run /Users/ann@example.com/helpers\n",
    },
  },
};
