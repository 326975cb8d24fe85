import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { makeScratchFolder } from "../../src/terraform/scratch-folder";

let tmpdir: string;
beforeEach(() => {
  tmpdir = fs.mkdtempSync(path.join(os.tmpdir(), "scratch-folder-test-"));
  jest.spyOn(os, "tmpdir").mockReturnValue(tmpdir);
});
afterEach(() => {
  jest.restoreAllMocks();
  fs.rmSync(tmpdir, { recursive: true });
});

const makeFolder = (name: string, owner?: object | string): string => {
  const folder = path.join(tmpdir, `lakeform-state-${name}`);
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, "pushed.tfstate"), "{}");
  if (owner !== undefined)
    fs.writeFileSync(
      path.join(folder, ".lakeform-owner.json"),
      typeof owner === "string" ? owner : JSON.stringify(owner),
    );
  return folder;
};

test("a new scratch folder removes only those of processes that have ended on this machine", () => {
  const [host, dead] = [os.hostname(), 2 ** 22 - 1];
  const removed = makeFolder("killed", { host, pid: dead });
  const kept = [
    makeFolder("running", { host, pid: process.pid }),
    makeFolder("elsewhere", { host: "another", pid: dead }),
    makeFolder("starting"),
    makeFolder("truncated", '{"host":'),
  ];
  const file = path.join(tmpdir, "lakeform-state-file");
  fs.writeFileSync(file, "");
  const folder = makeScratchFolder();
  expect(fs.existsSync(removed)).toBe(false);
  for (const entry of [...kept, file, folder]) expect(fs.existsSync(entry)).toBe(true);
  expect(fs.statSync(folder).mode & 0o777).toBe(0o700);
});
