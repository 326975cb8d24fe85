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
 * Kills a workspace `rounds` times at a random moment, at least five acknowledged writes after its
 * start, while eight clients write, restarts it on the same folder, and reads all acknowledged
 * writes.
 * @returns the lost or broken ones, and the number of acknowledged
 * writes
 */
export async function killWhileWriting(
  rounds: number,
): Promise<{ readonly wrong: string[]; readonly acknowledged: number }> {
  const data = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-kill-"));
  const wrong: string[] = [];
  const jobs = new Map<number, string>();
  const files = new Map<string, string>();
  for (let round = 0; round < rounds; round++) {
    const child = spawn(process.execPath, ["-e", program, data], {
      cwd: root,
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const gone = new Promise((resolve) => child.once("exit", resolve));
    const { host, token } = await new Promise<{ host: string; token: string }>(
      (resolve, reject) => {
        child.once("message", (message) => resolve(message as { host: string; token: string }));
        child.once("exit", () => reject(new Error("the workspace did not start again")));
      },
    );
    const post = async (where: string, body: object): Promise<Record<string, unknown>> => {
      const answer = await fetch(`${host}${where}`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      });
      const text = await answer.text();
      if (!answer.ok) wrong.push(`${answer.status} ${where} ${text}`);
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
    // The moment is a number of writes, since a busy machine may make no write in a number of
    // milliseconds.
    const enough = jobs.size + files.size + randomInt(5, 80);
    // Each client ends when its connection breaks.
    const clients = Array.from({ length: 8 }, (_client, index) =>
      write(index).catch(() => undefined),
    );
    do await new Promise((resolve) => setTimeout(resolve, randomInt(1, 10)));
    while (jobs.size + files.size < enough && wrong.length === 0 && child.exitCode === null);
    child.kill("SIGKILL");
    await gone;
    await Promise.all(clients);
  }
  const { api, workspace } = await serve({ data });
  for (const [id, name] of jobs) {
    const { body } = await api("GET", `/api/2.2/jobs/get?job_id=${id}`);
    const settings = body.settings as { name?: string; tasks?: unknown[] } | undefined;
    if (settings?.name !== name || settings.tasks?.length !== 1)
      wrong.push(`job ${id} ${name}: ${JSON.stringify(body)}`);
  }
  for (const [file, contents] of files) {
    const { body } = await api("GET", `/api/2.0/dbfs/read?path=${file}&length=75`);
    if (body.data !== contents && body.data !== contents.slice(0, String(body.data).length))
      wrong.push(`file ${file}: ${JSON.stringify(body).slice(0, 200)}`);
  }
  // No partial writes: every listed file can be read to its end.
  const listed = ((await api("GET", "/api/2.0/dbfs/list?path=/")).body.files ?? []) as {
    path: string;
    file_size: number;
  }[];
  for (const { path: file, file_size } of listed) {
    const { body } = await api("GET", `/api/2.0/dbfs/read?path=${file}&length=1048576`);
    if (body.bytes_read !== file_size)
      wrong.push(`file ${file} has ${String(body.bytes_read)} of ${file_size} bytes`);
  }
  await workspace.close();
  fs.rmSync(data, { recursive: true });
  return { wrong, acknowledged: jobs.size + files.size };
}
