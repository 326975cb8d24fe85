import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { lockFolder } from "../../src/workspace/lock";

let folder: string;
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-lock-test-"))));
afterEach(() => {
  jest.restoreAllMocks();
  fs.rmSync(folder, { recursive: true, force: true });
});

test("a data folder has one holder if a second process starts while the first writes its lock", () => {
  const writeFile = fs.writeFileSync;
  let secondResult: unknown;
  // The second process starts after the first has created the file, and before it has written it.
  jest.spyOn(fs, "writeFileSync").mockImplementationOnce((file, content, options) => {
    writeFile(file, "", options);
    try {
      secondResult = lockFolder(folder);
    } catch (error) {
      secondResult = error;
    }
    writeFile(file, content, { mode: 0o600 });
  });
  expect(() => lockFolder(folder)).toThrow("another process serves this data folder");
  expect(secondResult).toBeInstanceOf(Function);
  expect(fs.readdirSync(folder)).toEqual(["lock"]);
});

test.each(["", '{"pid":', JSON.stringify({ pid: 2 ** 22 - 1 })])(
  "the lock %j of an ended process is taken over",
  (content) => {
    fs.writeFileSync(path.join(folder, "lock"), content);
    const release = lockFolder(folder);
    expect(fs.readdirSync(folder)).toEqual(["lock"]);
    release();
    expect(fs.readdirSync(folder)).toEqual([]);
  },
);

test("a lock that replaces a stale lock during the take-over stays", () => {
  const file = path.join(folder, "lock");
  fs.writeFileSync(file, "");
  const rename = fs.renameSync;
  // The other process replaces the stale lock immediately before this process moves it away.
  jest.spyOn(fs, "renameSync").mockImplementationOnce((from, to) => {
    fs.writeFileSync(file, JSON.stringify({ pid: process.ppid }));
    rename(from, to);
  });
  expect(() => lockFolder(folder)).toThrow("another process serves this data folder");
  expect(JSON.parse(fs.readFileSync(file, "utf8"))).toEqual({ pid: process.ppid });
});

test("a file system without hard links has a lock, too", () => {
  jest.spyOn(fs, "linkSync").mockImplementation(() => {
    throw Object.assign(new Error("not supported"), { code: "ENOTSUP" });
  });
  const release = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow("another process serves this data folder");
  release();
  expect(fs.readdirSync(folder)).toEqual([]);
});
