import type { Command } from "commander";
import { commands } from "../../src/cli/entries";
import type { Io } from "../../src/cli/io";
import { command } from "../run/command";

/** Returns a command and all its subcommands, each with its full name. */
function commandTree(name: string, node: Command): readonly (readonly [string, Command])[] {
  return [
    [name, node],
    ...node.commands.flatMap((child) => commandTree(`${name} ${child.name()}`, child)),
  ];
}

function helpOf(node: Command): string {
  let text = "";
  node.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return text;
}

describe("the help of a command", () => {
  // No action runs, so the commands need no streams.
  const io = {} as unknown as Io;
  const allCommands = commands.flatMap(({ name, load }) => commandTree(name, load()(io, commands)));

  test("describes what the command does, and shows an example", () => {
    expect(allCommands.length).toBeGreaterThan(40);
    const withoutExample = allCommands.filter(
      ([name, node]) =>
        node.description() === "" ||
        (node.commands.length === 0 &&
          !new RegExp(`Examples?:\\s[^]*(lakeform |\\b)${name}\\b`).test(helpOf(node))),
    );
    expect(withoutExample.map(([name]) => name)).toEqual([]);
  });

  test("explains the exit codes", async () => {
    expect((await command(["--help"])).stdout).toContain(
      "Exit codes: 0 success, 1 error, 2 negative result",
    );
  });
});
