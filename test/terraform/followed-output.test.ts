import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { FollowedOutput } from "../../src/terraform/followed-output";

let folder: string;
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-followed-test-"))));
afterEach(() => {
  jest.restoreAllMocks();
  fs.rmSync(folder, { recursive: true });
});

/** Returns the folder of the output file, and the lines that were read. */
function follow(text: string): { readonly usedFolder: string; readonly lines: readonly string[] } {
  const open = jest.spyOn(fs, "openSync");
  const lines: string[] = [];
  const output = new FollowedOutput((line) => lines.push(line), folder);
  const usedFolder = path.dirname(String(open.mock.calls[0]?.[0]));
  fs.writeSync(output.fd, text);
  output.end();
  expect(fs.readdirSync(folder)).toEqual([]);
  return { usedFolder, lines };
}

test("the output file is in the folder for temporary files", () => {
  expect(follow("a\nb")).toEqual({ usedFolder: os.tmpdir(), lines: ["a", "b"] });
});

test("the output file is in the other folder if the disk for temporary files is full", () => {
  const status = Object.assign(fs.statfsSync(folder), { bavail: 10, bsize: 4096 });
  jest.spyOn(fs, "statfsSync").mockReturnValue(status);
  expect(follow("a\n")).toEqual({ usedFolder: folder, lines: ["a"] });
});

test("the output file is in the other folder if there is no folder for temporary files", () => {
  jest.spyOn(os, "tmpdir").mockReturnValue(path.join(folder, "missing"));
  expect(follow("a\n")).toEqual({ usedFolder: folder, lines: ["a"] });
});
