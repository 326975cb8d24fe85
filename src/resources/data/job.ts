import { byToken } from "../../api/transport/paging";
import { isNotFound } from "../../api/transport/errors";
import { LakeformError } from "../../errors";
import { fromWire, type Renames } from "../shape/from-wire";
import type { DataKind } from "../kind";
import { schemaOf } from "../shape/schema";
import { filled } from "../shape/sdk-state";
import { textOrEmpty } from "../shape/attributes";
import { idText, object, optionalText, type Json } from "../shape/json";

/** Returns the jobs whose names contain a string, as a map of names to ids, or of ids to names. */
export const jobsData: DataKind = {
  type: "databricks_jobs",
  title: "jobs",
  async read(api, config, context) {
    const nameFilter = textOrEmpty(config, "job_name_contains").toLowerCase();
    const byId = textOrEmpty(config, "key") === "id";
    const ids: Record<string, string> = {};
    for await (const job of byToken<Json>(api, {
      path: "/api/2.2/jobs/list",
      query: { limit: 100 },
      items: "jobs",
      signal: context.signal,
    })) {
      const name = optionalText(object(job.settings).name) ?? "";
      if (!name.toLowerCase().includes(nameFilter)) continue;
      const id = idText(job.job_id, "job_id");
      const [key, value] = byId ? [id, name] : [name, id];
      if (ids[key] !== undefined) {
        throw new LakeformError("DUPLICATE_JOB_NAME", "two jobs have the same name", {
          value: name,
          fix: 'set key = "id", or narrow job_name_contains',
        });
      }
      ids[key] = value;
    }
    return { ...config, id: "_", ids };
  },
};

/** The names of the fields of `git_source` on the wire. */
const gitSourceNames: Renames = {
  git_source: {
    url: "git_url",
    provider: "git_provider",
    branch: "git_branch",
    tag: "git_tag",
    commit: "git_commit",
  },
};

/** Finds one job by name (API 2.1) or by id (API 2.0), with the calls of the official provider. */
export const jobData: DataKind = {
  type: "databricks_job",
  title: "job",
  validate(config) {
    // A field that the code does not set is null; one whose value is not known yet is absent.
    return ["job_id", "job_name", "name", "id"].some((field) => config[field] !== null)
      ? []
      : [{ path: "job_id", message: "job_id or job_name is required" }];
  },
  async read(api, config, context) {
    const name = textOrEmpty(config, "job_name") || textOrEmpty(config, "name");
    const requestedId =
      textOrEmpty(config, "job_id") || (name === "" ? textOrEmpty(config, "id") : "");
    let job: Json | undefined;
    if (name !== "" && requestedId === "") {
      const query = { name, limit: 25, expand_tasks: true };
      for await (const wireObject of byToken<Json>(api, {
        path: "/api/2.1/jobs/list",
        query,
        items: "jobs",
        signal: context.signal,
      })) {
        if (job === undefined && optionalText(object(wireObject.settings).name) === name)
          job = wireObject;
      }
    } else {
      try {
        job = object(
          await api.get("/api/2.0/jobs/get", {
            query: { job_id: requestedId },
            signal: context.signal,
          }),
        );
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    if (job === undefined)
      throw new LakeformError("NO_SUCH_JOB", "no such job", {
        value: name === "" ? `job_id ${requestedId}` : `name ${name}`,
        fix: "check the name or id, and that the token may see the job: lakeform api GET 2.2/jobs/list",
      });
    const id = idText(job.job_id, "job_id");
    const jobName = optionalText(object(job.settings).name) ?? "";
    const block = schemaOf("data.databricks_job")?.block.blocks.job_settings?.block;
    const job_settings =
      block === undefined ? [] : [filled(block, fromWire(block, job, gitSourceNames))];
    return { ...config, id, job_id: id, job_name: jobName, name: jobName, job_settings };
  },
};
