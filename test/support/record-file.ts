import { callRest } from "./rest";

/** The folder of the deployment record of a test project's stack `etl-local`. */
export const recordFolder = "/Workspace/Shared/.lakeform/test/etl-local";

/**
 * Reads a file from the folder of the deployment record: record.json, attempt.json or lock.json.
 * @returns undefined if the file does not exist
 */
export async function readRecordFile(
  workspace: Parameters<typeof callRest>[0],
  name: string,
): Promise<string | undefined> {
  const query = new URLSearchParams({ path: `${recordFolder}/${name}`, format: "AUTO" });
  try {
    const { content } = await callRest(
      workspace,
      "GET",
      `/api/2.0/workspace/export?${query.toString()}`,
    );
    return Buffer.from(String(content), "base64").toString("utf8");
  } catch (error) {
    if (error instanceof Error && / 404 /.test(error.message)) return undefined;
    throw error;
  }
}
