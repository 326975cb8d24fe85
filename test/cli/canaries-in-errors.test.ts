/** No secret of a project is printed by a command that does not fail, even with --debug. */
import { command } from "../run/command";
import { secrets, root, env, proxy, leaksIn, useLabWithProxy } from "./canaries-lab";

useLabWithProxy();

test("commands that do not fail show no secret", async () => {
  proxy.failingCalls = /^$/;
  for (const args of [
    ["ci", "github-actions", "--stdout"],
    ["ci", "azure-devops", "--setup"],
    ["diff", "local", "prod", "--format", "json", "--no-synth"],
    ["state", "push", "etl-local", "upload.tfstate", "--no-synth"],
    ["state", "list", "etl-local", "--no-synth"],
    ["state", "pull", "etl-local", "--no-synth", "--out", "pulled.tfstate"],
    ["fs", "cp", "upload.txt", "dbfs:/upload.txt"],
    ["secrets", "put", "canaries", "k", "--create-scope"],
    ["tokens", "list"],
    ["clusters", "list"],
  ]) {
    const { code, stdout, stderr } = await command([...args, "--debug"], env, {
      cwd: root,
      stdin: secrets[4] ?? "",
    });
    expect({ args, code, leaked: leaksIn(`${stdout}\n${stderr}`) }).toEqual({
      args,
      code: expect.any(Number) as number,
      leaked: [],
    });
    if (code === 1) throw new Error(`${args.join(" ")}\n${stderr}`);
  }
});
