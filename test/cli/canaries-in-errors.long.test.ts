/**
 * No secret of a project is printed when a call fails and the error repeats the request, even with
 * --debug.
 */
import { command } from "../run/command";
import { secrets, isShort, root, env, proxy, leaksIn, useLabWithProxy } from "./canaries-lab";

useLabWithProxy();

const failingCommands: readonly (readonly [args: readonly string[], failingCalls: RegExp])[] = [
  [["tokens", "list"], /token\/list/],
  [["tokens", "create", "--comment", "ci"], /token\/create/],
  [["tokens", "revoke", "x"], /token\/list/],
  [["fs", "ls", "dbfs:/"], /dbfs\/list/],
  [["fs", "cp", "upload.txt", "dbfs:/upload.txt"], /dbfs\/(put|create|add-block)/],
  [["fs", "cp", "upload.txt", "/Workspace/Shared/upload.txt"], /workspace\/import|workspace-files/],
  [["fs", "cat", "dbfs:/upload.txt"], /dbfs\/(read|get-status)/],
  [["clusters", "list"], /clusters\/list/],
  [["clusters", "stop", "one"], /clusters\/delete/],
  [["secrets", "put", "canaries", "k", "--create-scope"], /secrets\/put/],
  [["runs", "list"], /jobs\/runs\/list/],
  [["state", "list", "etl-local", "--no-synth"], /workspace/],
  [["state", "pull", "etl-local", "--no-synth"], /workspace/],
  [
    ["state", "push", "etl-local", "upload.tfstate", "--no-synth"],
    /workspace\/import|workspace-files/,
  ],
  [["adopt", "local", "--all", "--no-review"], /jobs\/list/],
  [["adopt", "local", "--jobs", "pasted", "--no-review"], /jobs\/get/],
  [["destroy", "etl-local", "--auto-approve", "--no-synth"], /scim|workspace/],
  [["promote", "local", "prod", "--auto-approve", "--no-synth"], /scim|workspace/],
  [["promotions", "prod", "--no-synth"], /workspace/],
];

test.each(failingCommands)("%j does not show a secret", async (args, failingCalls) => {
  for (const repeatedTexts of [
    secrets.filter((secret) => !isShort(secret)),
    secrets.filter(isShort),
  ]) {
    Object.assign(proxy, { failingCalls, repeatedTexts, failureCount: 0 });
    const { code, stdout, stderr } = await command([...args, "--debug"], env, {
      cwd: root,
      stdin: secrets[4] ?? "",
    });
    expect({
      code,
      failed: proxy.failureCount > 0,
      leaked: leaksIn(`${stdout}\n${stderr}`),
    }).toEqual({
      code: 1,
      failed: true,
      leaked: [],
    });
  }
});
