import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Agent } from "undici";
import { ensureCertificates } from "../../src/workspace/tls";
import { describeWithPython } from "../support/python";
import { Lab } from "./execution-support";

/**
 * The variables that configure pip's index. Tasks get only those variables of the shell that are
 * passed explicitly.
 */
const passEnv = Object.keys(process.env).filter((name) =>
  /^(PIP_|UV_|REQUESTS_CA_BUNDLE$|SSL_CERT_FILE$|https?_proxy$|no_proxy$)/i.test(name),
);

describeWithPython("packages in executed tasks", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-tls-"));
  let lab: Lab;
  beforeAll(async () => {
    const tls = await ensureCertificates(folder);
    const agent = new Agent({ connect: { ca: fs.readFileSync(tls.caFile, "utf8") } });
    lab = await Lab.open(
      { tls, execution: { allowPip: true, caFile: tls.caFile, passEnv } },
      agent,
    );
  });
  afterAll(async () => {
    await lab.close();
    fs.rmSync(folder, { recursive: true });
  });

  test("%pip installs the official SDK, and WorkspaceClient() connects over TLS without configuration", async () => {
    await lab.ok("POST", "/api/2.2/jobs/create", { name: "seen by the SDK" });
    const taskResult = await lab.runCells(
      "# MAGIC %pip install -q databricks-sdk",
      "dbutils.library.restartPython()",
      "from databricks.sdk import WorkspaceClient\nclient = WorkspaceClient()",
      "dbutils.notebook.exit(f'{client.current_user.me().user_name}: {[job.settings.name for job in client.jobs.list()]}')",
    );
    expect(taskResult).toMatchObject({
      error: "",
      exitValue: "admin@lakeform.local: ['seen by the SDK']",
    });
  });
});
