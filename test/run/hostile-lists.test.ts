/**
 * Names and messages with line breaks and terminal sequences in lists, copies and waits. The local
 * workspace rejects most such names, so a server returns them instead.
 */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { controlCharacters, hostile } from "../support/hostile";
import { makeFolder, removeFolders } from "../support/project";
import { command } from "./command";

const evil = `${hostile}\nSUCCESS all is well`;
const fileEntry = (name: string) => ({
  path: `/x/${name}`,
  is_dir: false,
  file_size: 1,
  modification_time: 1,
});
const cluster = {
  cluster_id: "1",
  cluster_name: evil,
  state: "TERMINATED",
  state_message: evil,
  node_type_id: evil,
  spark_version: evil,
};
let polls = 0;
const responses: Readonly<Record<string, () => unknown>> = {
  "/api/2.0/secrets/scopes/list": () => ({ scopes: [{ name: evil, backend_type: evil }] }),
  "/api/2.0/secrets/list": () => ({ secrets: [{ key: evil, last_updated_timestamp: 1 }] }),
  "/api/2.0/token/list": () => ({ token_infos: [{ token_id: evil, comment: evil, creation_time: 1, expiry_time: 2 }] }),
  "/api/2.0/token/create": () => ({ token_value: "dapi0", token_info: { token_id: evil, comment: evil, creation_time: 1, expiry_time: 2 } }),
  "/api/2.1/clusters/list": () => ({ clusters: [cluster] }),
  "/api/2.1/clusters/get": () => ({ ...cluster, state: (polls += 1) < 2 ? "PENDING" : "RUNNING" }),
  "/api/2.1/clusters/start": () => ({}),
  "/api/2.0/dbfs/list": () => ({ files: [fileEntry("a\nSUCCESS all is well"), fileEntry(hostile.replaceAll("/", "-").slice(0, 100))] }),
  "/api/2.0/dbfs/get-status": () => ({ path: "/x", is_dir: true, file_size: 0, modification_time: 1 }),
  "/api/2.0/dbfs/read": () => ({ bytes_read: 1, data: "eA==" }),
  "/api/2.2/jobs/list": () => ({ jobs: [{ job_id: 1, creator_user_name: evil, settings: { name: evil } }, { job_id: 2, settings: { name: evil } }] }),
  "/api/2.2/jobs/runs/list": () => ({ runs: [{ run_id: 1, job_id: 1, run_name: evil, creator_user_name: evil, state: { life_cycle_state: evil, state_message: evil } }] }),
}; // prettier-ignore
const server = http.createServer((request, response) => {
  const path = (request.url ?? "").replace(/\?.*/, "");
  const responseOf = responses[path] ?? responses[path.replace("/2.0/clusters", "/2.1/clusters")];
  response.writeHead(responseOf === undefined ? 404 : 200, { "content-type": "application/json" });
  response.end(
    JSON.stringify(
      responseOf?.() ?? { error_code: "RESOURCE_DOES_NOT_EXIST", message: `${path} ${evil}` },
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
  ["tokens", "create", "--comment", evil],
  ["tokens", "revoke", "nope"],
  ["clusters", "list"],
  ["clusters", "start", "1"],
  ["clusters", "start", "other"],
  ["fs", "ls", "dbfs:/x"],
  ["fs", "cp", "-r", "dbfs:/x", "copied", "--overwrite"],
  ["fs", "cat", "dbfs:/x/nope"],
  ["runs", "list"],
  ["run", "nope"],
  ["run", evil],
];

test.each(commands.map((args) => [args.filter((word) => word !== evil).join(" "), args] as const))(
  "%s",
  async (_title, args) => {
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
  },
);
