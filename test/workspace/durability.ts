import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { serve } from "./http-client";

const root = path.join(__dirname, "..", "..");
const program = `
require("./dist/src/workspace/server.js").startWorkspace({ data: process.argv[1] }).then((w) => process.send({ host: w.host, token: w.token }));
`;

/**
 * Kills a workspace `rounds` times while eight clients write: at a random moment, at least five
 * acknowledged writes after its start. Restarts it on the same folder, and reads all acknowledged
 * writes.
 * @returns the lost, damaged and rejected writes, and the number of acknowledged writes
 */
export async function killWhileWriting(
  rounds: number,
): Promise<{ readonly lostWrites: string[]; readonly acknowledged: number }> {
  const data = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-kill-"));
  const lostWrites: string[] = [];
  const jobs = new Map<number, string>();
  const files = new Map<string, string>();
  for (let round = 0; round < rounds; round++) {
    const child = spawn(process.execPath, ["-e", program, data], {
      cwd: root,
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const exited = new Promise((resolve) => child.once("exit", resolve));
    const { host, token } = await new Promise<{ host: string; token: string }>(
      (resolve, reject) => {
        child.once("message", (message) => resolve(message as { host: string; token: string }));
        child.once("exit", () => reject(new Error("the workspace did not start again")));
      },
    );
    const post = async (route: string, body: object): Promise<Record<string, unknown>> => {
      const response = await fetch(`${host}${route}`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      });
      const text = await response.text();
      if (!response.ok) lostWrites.push(`${response.status} ${route} ${text}`);
      return JSON.parse(text) as Record<string, unknown>;
    };
    const write = async (client: number): Promise<void> => {
      for (let index = 0; ; index++) {
        const name = `r${round}-c${client}-${index}`;
        if (client % 2 === 0) {
          const { job_id } = await post("/api/2.2/jobs/create", {
            name,
            tasks: [
              { task_key: "a", notebook_task: { notebook_path: "/x" }, existing_cluster_id: "1" },
            ],
          });
          jobs.set(Number(job_id), name);
        } else {
          // Every third value is too large for the store and is kept in a separate file.
          const contents = Buffer.from(name.repeat(index % 3 === 0 ? 20_000 : 3)).toString(
            "base64",
          );
          await post("/api/2.0/dbfs/put", { path: `/${name}`, contents });
          files.set(`/${name}`, contents.slice(0, 100));
        }
      }
    };
    // Counts writes and not milliseconds, because a busy machine may write nothing for a while.
    const writesBeforeKill = jobs.size + files.size + randomInt(5, 80);
    // Each client ends when its connection breaks.
    const clients = Array.from({ length: 8 }, (_client, index) =>
      write(index).catch(() => undefined),
    );
    do await new Promise((resolve) => setTimeout(resolve, randomInt(1, 10)));
    while (
      jobs.size + files.size < writesBeforeKill &&
      lostWrites.length === 0 &&
      child.exitCode === null
    );
    child.kill("SIGKILL");
    await exited;
    await Promise.all(clients);
  }
  const { api, workspace } = await serve({ data });
  for (const [id, name] of jobs) {
    const { body } = await api("GET", `/api/2.2/jobs/get?job_id=${id}`);
    const settings = body.settings as { name?: string; tasks?: unknown[] } | undefined;
    if (settings?.name !== name || settings.tasks?.length !== 1)
      lostWrites.push(`job ${id} ${name}: ${JSON.stringify(body)}`);
  }
  for (const [file, contents] of files) {
    // 75 bytes are the 100 base64 characters that `files` contains.
    const { body } = await api("GET", `/api/2.0/dbfs/read?path=${file}&length=75`);
    if (body.data !== contents)
      lostWrites.push(`file ${file}: ${JSON.stringify(body).slice(0, 200)}`);
  }
  // No partial writes: every listed file can be read to its end.
  const listedFiles = ((await api("GET", "/api/2.0/dbfs/list?path=/")).body.files ?? []) as {
    path: string;
    file_size: number;
  }[];
  for (const { path: file, file_size } of listedFiles) {
    const { body } = await api("GET", `/api/2.0/dbfs/read?path=${file}&length=1048576`);
    if (body.bytes_read !== file_size)
      lostWrites.push(`file ${file} has ${String(body.bytes_read)} of ${file_size} bytes`);
  }
  await workspace.close();
  fs.rmSync(data, { recursive: true });
  return { lostWrites, acknowledged: jobs.size + files.size };
}
