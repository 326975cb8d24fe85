import type { Command } from "commander";
import { commands } from "../../src/cli/entries";
import type { Io } from "../../src/cli/io";
import { command } from "../run/command";

/** A command and all its subcommands, by the words that run them. */
function all(words: string, each: Command): readonly (readonly [string, Command])[] {
  return [
    [words, each],
    ...each.commands.flatMap((inner) => all(`${words} ${inner.name()}`, inner)),
  ];
}

function helpOf(each: Command): string {
  let text = "";
  each.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return text;
}

describe("the help of a command", () => {
  // No action runs, so the commands need no streams.
  const io = {} as unknown as Io;
  const every = commands.flatMap(({ name, load }) => all(name, load()(io, commands)));

  test("describes what the command does, and shows an example", () => {
    expect(every.length).toBeGreaterThan(40);
    const withoutExample = every.filter(
      ([words, each]) =>
        each.description() === "" ||
        (each.commands.length === 0 &&
          !new RegExp(`Examples?:\\s[^]*(lakeform |\\b)${words}\\b`).test(helpOf(each))),
    );
    expect(withoutExample.map(([words]) => words)).toEqual([]);
  });

  test("explains the exit codes", async () => {
    expect((await command(["--help"])).stdout).toContain(
      "Exit codes: 0 success, 1 error, 2 negative result",
    );
  });
});
