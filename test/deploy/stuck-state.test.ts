/** States that are missing, older, or truncated by a kill: rejected with a fix, or restored. */
import fs from "node:fs";
import path from "node:path";
import { expectExit } from "../support/cli";
import {
  changedState,
  completeState,
  deploy,
  expectRejected,
  rememberState,
  restoreState,
  run,
  state,
  useDeployedProject,
  whileLocked,
  type StateFile,
} from "./stuck-state-lab";

useDeployedProject();

describe("a state that differs from the deployed one", () => {
  afterEach(restoreState);

  const cases: readonly (readonly [string, ((parsed: StateFile) => void) | undefined, string])[] = [
    ["none", undefined, "there is no state on this machine or in its backend"],
    ["a different state", (parsed) => (parsed.lineage = "other"), "lineage other"],
    ["an older copy", (parsed) => (parsed.serial -= 1), "older than the deployed one"],
  ];
  test.each(cases)("makes deploy, review and destroy fail: %s", async (_case, change, reason) => {
    if (change === undefined) fs.rmSync(state);
    else fs.writeFileSync(state, changedState(change));
    for (const args of [
      ["deploy", "local", "--auto-approve"],
      ["review", "local"],
      ["destroy", "local", "--auto-approve"],
    ])
      expect(await expectRejected(run(...args))).toContain(reason);
  });

  test("is reported by verify, together with a deploy that is running on another machine", async () => {
    fs.rmSync(state);
    const verified = await whileLocked(() => run("verify", "local", "--format", "json"));
    expectExit(verified, 2);
    const report = JSON.parse(verified.stdout) as {
      readonly stacks: readonly { readonly weaker: readonly string[] }[];
      readonly unmanaged: readonly { readonly reason: string }[];
    };
    expect(report.stacks[0]?.weaker).toEqual(
      expect.arrayContaining([
        expect.stringContaining("a deploy is running (ann on another since 2026"),
        expect.stringContaining(
          "differs from the deployed one (there is no state on this machine or in its backend)",
        ),
      ]),
    );
    expect(report.unmanaged.map(({ reason }) => reason)).toEqual(
      Array(2).fill(expect.stringMatching(/; it may be deployed: read the note of etl-local/)),
    );
  });
});

describe("a truncated state with Terraform's lock file", () => {
  const lockFile = (): string => path.join(path.dirname(state), ".etl-local.tfstate.lock.info");
  const truncate = (): void => {
    fs.writeFileSync(`${state}.backup`, completeState);
    fs.writeFileSync(state, completeState.slice(0, 100));
  };
  afterEach(() => {
    fs.rmSync(lockFile(), { force: true });
    restoreState();
  });

  test("is restored if Terraform was killed, also with another binary that has not initialized the folder", async () => {
    truncate();
    fs.writeFileSync(lockFile(), '{"ID":"killed"}');
    const engine = path.join(path.dirname(state), "terraform");
    fs.writeFileSync(engine, '#!/bin/sh\nexec terraform "$@"\n', { mode: 0o755 });
    const result = await deploy({ TERRAFORM_BINARY_NAME: engine });
    expectExit(result, 0);
    expect(result.stderr).toMatch(/truncated by a killed command or a full disk: restored from/);
    rememberState();
  });

  test("is not restored while a process writes it", async () => {
    truncate();
    fs.writeFileSync(lockFile(), '{"ID":"running"}');
    const writing = setInterval(() => fs.appendFileSync(state, " "), 200);
    try {
      const result = await deploy();
      expectExit(result, 1);
      expect(result.stderr).toContain("DEPLOY_UNDER_WAY");
    } finally {
      clearInterval(writing);
    }
  });
});
