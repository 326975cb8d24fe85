/**
 * Local files and folders that cannot be used: the real command reports the path and a fix, and
 * never an unexpected error.
 */
import fs from "node:fs";
import path from "node:path";
import { fileError } from "../../src/cli/file-error";
import { lakeform } from "../support/cli";
import { makeFolder, makeHome, makeProject, removeFolders } from "../support/project";
import { useWorkspace } from "../support/workspace";

const workspace = useWorkspace();
afterAll(removeFolders);

test.each([
  [".lakeform/state", "deploy"],
  [".lakeform", "deploy"],
  ["cdktf.out", "review"],
  ["cdktf.out", "verify"],
])(
  "if %s is a file instead of a folder, lakeform %s works or names the path",
  async (name, command) => {
    const root = makeProject();
    const target = path.join(root, name);
    fs.rmSync(target, { recursive: true, force: true });
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, "x");
    const env = {
      LAKEFORM_LOCAL_HOST: workspace.host,
      LAKEFORM_LOCAL_TOKEN: workspace.token,
      HOME: makeHome(),
    };
    const { code, stderr } = await lakeform(
      root,
      [command, "local", ...(command === "deploy" ? ["--auto-approve"] : [])],
      env,
    );
    expect(stderr).not.toContain("UNEXPECTED");
    if (code !== 0) expect([code, stderr]).toEqual([1, expect.stringContaining(name)]);
  },
);

test("a file error has the path, the reason and a fix; other errors are not converted", () => {
  const folder = makeFolder();
  let directoryError: unknown;
  try {
    fs.readFileSync(folder);
  } catch (error) {
    directoryError = error;
  }
  expect(fileError(directoryError)).toMatchObject({
    code: "FILE_FAILED",
    message: "cannot access a file on this machine: it is a folder, not a file",
  });
  const diskFull = Object.assign(new Error("ENOSPC: no space left on device, write"), {
    code: "ENOSPC",
    syscall: "write",
  });
  expect(fileError(diskFull)?.details).toMatchObject({
    value: "a file (write: ENOSPC)",
    fix: "free space on the disk, then run the command again",
  });
  expect(fileError(new TypeError("x is not a function"))).toBeUndefined();
});
