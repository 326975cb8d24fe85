import { connect, families, isNotFound, Secret } from "lakeform/api";

/** Uploads a file, sets a secret, starts the job and returns its state. */
export async function nightly(host: string, token: string, file: Buffer): Promise<string> {
  const client = connect({ host, token, rateLimit: 10 });
  const { jobs, runs, dbfs, secrets } = families(client);

  await dbfs.write("/raw/day.json", {
    read: (offset, length) => Promise.resolve(file.subarray(offset, offset + length)),
  });
  await secrets.createScope("etl");
  await secrets.put("etl", "password", new Secret(process.env["WAREHOUSE_PASSWORD"] ?? "unset"));

  for await (const job of jobs.list({ name: "daily-etl-pipeline" })) {
    const { run_id: id } = await runs.runNow({
      job_id: job.job_id,
      notebook_params: { input_date: "2024-01-01" },
    });
    try {
      const { state } = await runs.get(id);
      return `${job.settings?.name ?? "job"}: ${state?.life_cycle_state ?? "unknown"}`;
    } catch (error) {
      if (isNotFound(error)) return "the run is gone";
      throw error;
    }
  }
  return "no such job";
}
