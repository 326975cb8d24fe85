// A child process of scenarios: the local workspace, or a minimal fastify and lmdb server. The
// latter stores and returns the same bytes for a job, without authentication, validation,
// permissions, indexes and journal.
const [kind, data] = process.argv.slice(2);

/** Fields that the workspace adds to a job of one task. */
const filledIn = {
  creator_user_name: "admin@lakeform.local",
  created_time: 1_700_000_000_000,
  settings: {
    email_notifications: {},
    webhook_notifications: {},
    timeout_seconds: 0,
    max_concurrent_runs: 1,
    queue: { enabled: true },
    format: "MULTI_TASK",
  },
};

async function startMinimal() {
  const { open } = require("lmdb");
  const app = require("fastify")({ keepAliveTimeout: 200_000 });
  const db = open({ path: `${data}/bare.mdb`, encoding: "json" });
  let next = 0;
  app.post("/api/2.2/jobs/create", async (request) => {
    const job_id = ++next;
    await db.put(job_id, {
      job_id,
      ...filledIn,
      settings: { ...filledIn.settings, ...request.body },
    });
    return { job_id };
  });
  // Stores a job as the workspace returns it.
  app.post("/fill", async (request) => {
    await db.put(request.body.job_id, request.body);
    return {};
  });
  app.get("/api/2.2/jobs/get", async (request) => db.get(Number(request.query.job_id)));
  await app.listen({ port: 0, host: "127.0.0.1" });
  return {
    host: `http://127.0.0.1:${app.server.address().port}`,
    token: "none",
    close: () => app.close().then(() => db.close()),
  };
}

async function startLocalWorkspace() {
  const { startWorkspace } = require("../dist/src/workspace/server.js");
  return startWorkspace({ data });
}

(kind === "minimal" ? startMinimal() : startLocalWorkspace()).then((server) => {
  process.send({ host: server.host, token: server.token });
  process.once("SIGTERM", () => void server.close().then(() => process.exit(0)));
});
