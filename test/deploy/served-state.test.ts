/** A local state that lakeform serves to Terraform while it applies many changes. */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { LocalState, takeOverLocalState } from "../../src/state/local-state";
import { parseState, type State } from "../../src/terraform/state-format";
import { saveUnwrittenState } from "../../src/terraform/unwritten-state";
import { makeFolder, removeFolders } from "../support/project";
afterAll(removeFolders);

const readState = (file: string): State => parseState(fs.readFileSync(file, "utf8"), file);

const stateOf = (serial: number, lineage = "l"): Buffer =>
  Buffer.from(
    `${JSON.stringify({ version: 4, terraform_version: "1.11.4", serial, lineage, outputs: {}, resources: [] }, undefined, 2)}\n`,
  );
const lockOf = (ID: string): Parameters<LocalState["lock"]["take"]>[0] => ({
  ID,
  Operation: "OperationTypeApply",
  Who: "ada@laptop",
  Version: "1.11.4",
  Created: "2026-01-01T00:00:00Z",
  Path: "",
});
const contextIn = (directory: string): ConstructorParameters<typeof LocalState>[0] => ({
  engine: { name: "terraform", binary: "terraform", version: "1.11.4" },
  directory,
  env: { PATH: process.env.PATH },
  credentials: {},
  variables: {},
  mirror: undefined,
});

test("a served state is locked in Terraform's format, and only the owner of the lock can write it", async () => {
  const folder = makeFolder("served");
  const file = path.join(folder, "s.tfstate");
  const [state, otherState] = [1, 2].map(() => new LocalState(contextIn(folder), "etl", file));
  if (state === undefined || otherState === undefined) throw new Error("no states");
  expect(await state.read()).toBeUndefined();
  await state.lock.take(lockOf("one"));
  await expect(otherState.lock.take(lockOf("two"))).rejects.toMatchObject({ code: "STATE_LOCKED" });
  const plain = spawnSync("terraform", ["console", `-state=${file}`], {
    cwd: folder,
    input: "1\n",
    encoding: "utf8",
    env: { PATH: process.env.PATH, CHECKPOINT_DISABLE: "1" },
  });
  expect(plain.status).toBe(1);
  expect(plain.stderr).toMatch(/OperationTypeApply[^]*ada@laptop/);
  await expect(otherState.write(stateOf(1), { lock: "one" })).rejects.toMatchObject({
    code: "STATE_NOT_LOCKED",
  });
  await state.write(stateOf(1), { lock: "one" });
  await state.write(stateOf(2), { lock: "one" });
  await expect(state.write(stateOf(3, "other"), { lock: "one" })).rejects.toMatchObject({
    code: "OTHER_STATE",
  });
  await expect(state.write(stateOf(1), { lock: "one" })).rejects.toMatchObject({
    code: "OTHER_STATE",
  });
  await state.lock.release("one");
  await otherState.lock.take(lockOf("two"));
  await otherState.lock.releaseHeld();
  expect((await otherState.read())?.equals(stateOf(2))).toBe(true);
  expect(await otherState.lock.holder()).toBeUndefined();
});

test("a served state stays as it is if the disk is full", async () => {
  const folder = makeFolder("full");
  const file = path.join(folder, "s.tfstate");
  const state = new LocalState(contextIn(folder), "etl", file);
  const write = (content: Buffer): Promise<void> => state.write(content, { lock: "one" });
  const largeState = Buffer.from(stateOf(2).toString("utf8").replace("{}", '{\n "a": {}\n}'));
  await state.lock.take(lockOf("one"));
  await write(stateOf(1));
  // The disk is full after two more bytes. Only root could mount a full disk.
  const writeSync = fs.writeSync.bind(fs) as (...args: readonly unknown[]) => number;
  jest
    .spyOn(fs, "writeSync")
    .mockImplementationOnce((...[handle, content, offset, , at]: readonly unknown[]) =>
      writeSync(handle, content, offset, 2, at),
    )
    .mockImplementationOnce(() => {
      throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    });
  await expect(write(largeState)).rejects.toThrow("no space left");
  jest.restoreAllMocks();
  expect(fs.readFileSync(file).equals(stateOf(1))).toBe(true);
  for (const next of [largeState, stateOf(3)]) {
    await write(next);
    expect(fs.readFileSync(file).equals(next)).toBe(true);
  }
  await state.lock.releaseHeld();
});

describe("a state that Terraform could not write", () => {
  const makeStateFolder = (
    localState: Buffer | undefined,
    erroredState: Buffer,
  ): [string, string] => {
    const directory = makeFolder("errored");
    const file = path.join(directory, "state", "s.tfstate");
    fs.mkdirSync(path.dirname(file));
    if (localState !== undefined) fs.writeFileSync(file, localState);
    fs.writeFileSync(path.join(directory, "errored.tfstate"), erroredState);
    return [directory, file];
  };
  test.each([
    ["of a first deploy", undefined],
    ["newer than the local one", stateOf(3)],
  ])("%s is taken over", async (_what, localState) => {
    const [directory, file] = makeStateFolder(localState, stateOf(4));
    expect(await takeOverLocalState({ name: "etl", directory }, { env: {} }, file)).toContain(
      "written (serial 4)",
    );
    expect(readState(file).serial).toBe(4);
    expect(fs.readdirSync(directory)).toEqual(["state"]);
    expect(fs.existsSync(`${file}.backup`)).toBe(localState !== undefined);
  });
  test("is taken over from the cache folder if the stack's folder has no space for it", async () => {
    const [directory, file] = makeStateFolder(stateOf(3), stateOf(4));
    const env = { HOME: makeFolder("home") };
    const errored = path.join(directory, "errored.tfstate");
    // A folder in its place, so that the file cannot be written.
    fs.rmSync(errored);
    fs.mkdirSync(errored);
    const saved = saveUnwrittenState(directory, stateOf(4).toString("utf8"), env) ?? "";
    expect(path.dirname(saved)).toBe(path.join(env.HOME, ".cache", "lakeform", "unwritten"));
    expect(fs.statSync(saved).mode & 0o777).toBe(0o600);
    fs.rmdirSync(errored);
    // What Terraform wrote until the disk was full.
    fs.writeFileSync(errored, stateOf(4).subarray(0, 20));
    expect(await takeOverLocalState({ name: "etl", directory }, { env }, file)).toContain(
      "written (serial 4)",
    );
    expect(readState(file).serial).toBe(4);
    expect(fs.existsSync(saved)).toBe(false);
    expect(fs.readdirSync(directory).sort()).toEqual(["errored.tfstate.torn", "state"]);
  });
  test.each([
    ["older than the local one", stateOf(5)],
    ["of another lineage", stateOf(1, "other")],
  ])("%s is set aside", async (_what, localState) => {
    const [directory, file] = makeStateFolder(localState, stateOf(4));
    expect(await takeOverLocalState({ name: "etl", directory }, { env: {} }, file)).toContain(
      "errored-4.tfstate",
    );
    expect(fs.readFileSync(file).equals(localState)).toBe(true);
    expect(fs.readdirSync(directory).sort()).toEqual(["errored-4.tfstate", "state"]);
  });
});
