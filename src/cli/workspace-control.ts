import fs from "node:fs";
import { LakeformError } from "../errors";
import type { JsonObject } from "../workspace/errors";
import { readServer } from "../workspace/server-file";

/** Sends a request to the control routes of the local workspace that runs in `home`. */
export async function control(
  home: string,
  method: "GET" | "POST" | "DELETE",
  route: string,
  body?: unknown,
): Promise<JsonObject> {
  const server = readServer(home);
  if (server === undefined)
    throw new LakeformError("WORKSPACE_NOT_RUNNING", "the local workspace is not running", {
      fix: "lakeform workspace start --detach",
    });
  const { Agent, request } = await import("undici");
  const ca = server.ca_file === undefined ? undefined : fs.readFileSync(server.ca_file, "utf8");
  const response = await request(`${server.host}/_lakeform/${route}`, {
    method,
    headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(ca === undefined ? {} : { dispatcher: new Agent({ connect: { ca } }) }),
  });
  const parsed = (await response.body.json()) as JsonObject;
  if (response.statusCode !== 200)
    throw new LakeformError(
      "WORKSPACE_REFUSED",
      `the local workspace rejected ${method} ${route}`,
      {
        value: `${response.statusCode} ${(parsed as { message?: string }).message ?? ""}`,
        fix: "correct the options or the file that the command sends",
      },
    );
  return parsed;
}
