/**
 * Names and messages with line breaks and terminal sequences in lists, copies and waits. The local
 * workspace rejects most such names, so a stub server returns them.
 */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { controlCharacters, hostile } from "../support/hostile";
import { makeFolder, removeFolders } from "../support/project";
import { command } from "./command";

const forgedLine = `${hostile}\nSUCCESS all is well`;
const fileEntry = (name: string) => ({
  path: `/x/${name}`,
  is_dir: false,
  file_size: 1,
  modification_time: 1,
});
const cluster = {
  cluster_id: "1",
  cluster_name: forgedLine,
  state: "TERMINATED",
  state_message: forgedLine,
  node_type_id: forgedLine,
  spark_version: forgedLine,
};
let polls = 0;
const responses: Readonly<Record<string, () => unknown>> = {
  "/api/2.0/secrets/scopes/list": () => ({
    scopes: [{ name: forgedLine, backend_type: forgedLine }],
  }),
  "/api/2.0/secrets/list": () => ({ secrets: [{ key: forgedLine, last_updated_timestamp: 1 }] }),
  "/api/2.0/token/list": () => ({
    token_infos: [{ token_id: forgedLine, comment: forgedLine, creation_time: 1, expiry_time: 2 }],
  }),
  "/api/2.0/token/create": () => ({
    token_value: "dapi0",
    token_info: { token_id: forgedLine, comment: forgedLine, creation_time: 1, expiry_time: 2 },
  }),
  "/api/2.1/clusters/list": () => ({ clusters: [cluster] }),
  "/api/2.1/clusters/get": () => ({ ...cluster, state: (polls += 1) < 2 ? "PENDING" : "RUNNING" }),
  "/api/2.1/clusters/start": () => ({}),
  "/api/2.0/dbfs/list": () => ({
    files: [
      fileEntry("a\nSUCCESS all is well"),
      fileEntry(hostile.replaceAll("/", "-").slice(0, 100)),
    ],
  }),
  "/api/2.0/dbfs/get-status": () => ({
    path: "/x",
    is_dir: true,
    file_size: 0,
    modification_time: 1,
  }),
  "/api/2.0/dbfs/read": () => ({ bytes_read: 1, data: "eA==" }),
  "/api/2.2/jobs/list": () => ({
    jobs: [
      { job_id: 1, creator_user_name: forgedLine, settings: { name: forgedLine } },
      { job_id: 2, settings: { name: forgedLine } },
    ],
  }),
  "/api/2.2/jobs/runs/list": () => ({
    runs: [
      {
        run_id: 1,
        job_id: 1,
        run_name: forgedLine,
        creator_user_name: forgedLine,
        state: { life_cycle_state: forgedLine, state_message: forgedLine },
      },
    ],
  }),
};
const server = http.createServer((request, response) => {
  const path = (request.url ?? "").replace(/\?.*/, "");
  const responseOf = responses[path] ?? responses[path.replace("/2.0/clusters", "/2.1/clusters")];
  response.writeHead(responseOf === undefined ? 404 : 200, { "content-type": "application/json" });
  response.end(
    JSON.stringify(
      responseOf?.() ?? { error_code: "RESOURCE_DOES_NOT_EXIST", message: `${path} ${forgedLine}` },
    ),
  );
});
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  env = {
    DATABRICKS_HOST: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    DATABRICKS_TOKEN: "x",
  };
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  removeFolders();
});

const commands: readonly (readonly string[])[] = [
  ["secrets", "list"],
  ["secrets", "list", "s"],
  ["tokens", "list"],
  ["tokens", "create", "--comment", forgedLine],
  ["tokens", "revoke", "nope"],
  ["clusters", "list"],
  ["clusters", "start", "1"],
  ["clusters", "start", "other"],
  ["fs", "ls", "dbfs:/x"],
  ["fs", "cp", "-r", "dbfs:/x", "copied", "--overwrite"],
  ["fs", "cat", "dbfs:/x/nope"],
  ["runs", "list"],
  ["run", "nope"],
  ["run", forgedLine],
];

test.each(
  commands.map(
    (args) =>
      [args.map((word) => (word === forgedLine ? "FORGED" : word)).join(" "), args] as const,
  ),
)("%s prints no control characters and no forged line", async (_title, args) => {
  for (const format of [[], ["--format", "json"]]) {
    polls = 0;
    const { stdout, stderr } = await command([...args, ...format], env, {
      cwd: makeFolder("copies"),
    });
    const output = `${stdout}${stderr}`;
    expect(output).not.toBe("");
    expect(controlCharacters.exec(output.replaceAll("\n", ""))?.[0]).toBeUndefined();
    expect(output.split("\n").filter((line) => line.startsWith("SUCCESS all"))).toEqual([]);
  }
});
