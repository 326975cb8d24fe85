import { execFile } from "node:child_process";
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);
const dist = path.join(__dirname, "..", "..", "..", "dist", "src");

const upload = `
  const { connect } = require(${JSON.stringify(path.join(dist, "api", "auth", "connect.js"))});
  const { Dbfs } = require(${JSON.stringify(path.join(dist, "api", "families", "dbfs.js"))});
  const { openLocal } = require(${JSON.stringify(path.join(dist, "run", "local-source.js"))});
  (async () => {
    const source = await openLocal(process.argv[2]);
    const bytes = await new Dbfs(connect({ host: process.argv[1], token: "t", env: {} })).write("/big", source);
    console.log(JSON.stringify({ bytes, maxRssKb: process.resourceUsage().maxRSS }));
  })();
`;

export interface Measurement {
  readonly bytes: number;
  readonly received: number;
  readonly blocks: number;
  /** The additional memory compared with an idle Node process, in MB. */
  readonly extraMb: number;
}

/**
 * Uploads a file of this size from a separate process to a counting server, and measures the
 * process's peak memory.
 */
export async function measureUpload(bytes: number): Promise<Measurement> {
  let received = 0;
  let blocks = 0;
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const url = request.url ?? "";
      if (url.includes("add-block")) {
        const { data } = JSON.parse(Buffer.concat(parts).toString("latin1")) as { data: string };
        received += Buffer.byteLength(data, "base64");
        blocks += 1;
      }
      response.writeHead(200, { "content-type": "application/json" });
      response.end(
        JSON.stringify(
          url.includes("get-status")
            ? { path: "/big", is_dir: false, file_size: received }
            : { handle: 7 },
        ),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const folder = mkdtempSync(path.join(os.tmpdir(), "lakeform-big-"));
  try {
    const file = path.join(folder, "big");
    const handle = openSync(file, "w");
    ftruncateSync(handle, bytes);
    closeSync(handle);
    const emptyProcess = await execute(process.execPath, [
      "-e",
      "console.log(process.resourceUsage().maxRSS)",
    ]);
    const { stdout } = await execute(process.execPath, [
      "-e",
      upload,
      `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      file,
    ]);
    const measured = JSON.parse(stdout) as { bytes: number; maxRssKb: number };
    return {
      bytes: measured.bytes,
      received,
      blocks,
      extraMb: (measured.maxRssKb - Number(emptyProcess.stdout)) / 1024,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
