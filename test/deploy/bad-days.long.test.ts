/**
 * Lost or wrong responses during a deploy: the next deploy succeeds, and usually this one, too.
 * Runs the real command.
 */
import { expectExit, lakeform } from "../support/cli";
import { setResource } from "../support/project";
import {
  call,
  deploy,
  env,
  folder,
  readRecordFile,
  resource,
  root,
  useBadDaysProject,
  workspace,
} from "./bad-days-lab";

useBadDaysProject();
beforeAll(async () => expectExit(await deploy(), 0));

const writeRecordFile = (name: string, text: string): Promise<unknown> =>
  call("POST", "/api/2.0/workspace/import", {
    path: `${folder}/${name}`,
    format: "AUTO",
    overwrite: true,
    content: Buffer.from(text).toString("base64"),
  });

test("a failed resource is reported first, the warnings of the clean-up after it", async () => {
  setResource(root, "etl-local", resource("3"));
  workspace.faults.add({ method: "POST", path: "/api/2.2/jobs/reset", status: 403 });
  workspace.faults.add({
    method: "POST",
    path: "/api/2.0/workspace/import",
    nth: 3,
    times: 100,
    status: 403,
  });
  workspace.faults.add({
    method: "POST",
    path: "/api/2.0/workspace/delete",
    times: 100,
    status: 403,
  });
  const result = await deploy();
  expectExit(result, 1);
  expect(result.stderr).toMatch(
    /TERRAFORM_FAILED: [^]*cannot update job[^]*also: .*could not be recorded[^]*also: .*lock of this deploy could not be removed/,
  );
  workspace.faults.clear();
  await call("POST", "/api/2.0/workspace/delete", { path: `${folder}/lock.json` });
  expectExit(await deploy(), 0);
});

test.each(["attempt.json", "record.json"])("a truncated %s is rewritten", async (name) => {
  await writeRecordFile(name, '{"version":1,"id');
  expectExit(await deploy("--quiet"), 0);
  expect(JSON.parse((await readRecordFile(name)) ?? "")).toMatchObject({ version: 1 });
});

test("other entries of the history stay readable if one is truncated", async () => {
  await writeRecordFile("history/2026-01-01T00-00-00.000Z.json", '{"version":1,"id');
  expectExit(await lakeform(root, ["promotions", "local"], env), 0);
});
