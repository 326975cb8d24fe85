import { Argument, Command } from "commander";
import { LakeformError } from "../../errors";
import { projectHere } from "../../terraform/project";
import { readStacks } from "../../terraform/stack";
import type { Entry, Io, MakeCommand } from "../io";

export const command: MakeCommand = (io, all) =>
  new Command("completion")
    .description(
      "Print a completion script for your shell; it completes commands, options, stacks and environments",
    )
    .addArgument(
      new Argument("<shell>", "shell that the script is for; words: print completions").choices([
        "bash",
        "zsh",
        "fish",
        "words",
      ]),
    )
    .argument("[words...]", "with `words`: the words typed so far, the last of which is completed")
    .addHelpText(
      "after",
      '\nExamples:\n  eval "$(lakeform completion bash)"    in ~/.bashrc\n  eval "$(lakeform completion zsh)"     in ~/.zshrc, after compinit\n  lakeform completion fish > ~/.config/fish/completions/lakeform.fish',
    )
    .action((shell: Shell | "words", words: readonly string[]) => {
      const lines = shell === "words" ? completeLastWord(io, all, words) : [scripts[shell]];
      if (lines.length > 0) io.stdout.write(`${lines.join("\n")}\n`);
    });

type Shell = "bash" | "zsh" | "fish";

/** Completion scripts: each passes the words typed so far to `lakeform completion words`. */
const scripts: Readonly<Record<Shell, string>> = {
  bash: `_lakeform() {
  local IFS=$'\\n'
  COMPREPLY=($("$1" completion words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _lakeform lakeform`,
  zsh: `#compdef lakeform
_lakeform() {
  local -a found
  found=(\${(f)"$("\${words[1]}" completion words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( \${#found} )); then compadd -- $found; else _files; fi
}
compdef _lakeform lakeform`,
  fish: `function __lakeform_words
    set -l words (commandline -opc) (commandline -ct)
    lakeform completion words -- $words[2..-1] 2>/dev/null
end
complete -c lakeform -a '(__lakeform_words)'`,
};

/** Returns the possible completions of the last word, which is a prefix. */
function completeLastWord(io: Io, commands: readonly Entry[], words: readonly string[]): string[] {
  const prefix = words.at(-1) ?? "";
  const [name, ...rest] = words.slice(0, -1);
  const candidates =
    name === undefined
      ? [...commands.map((entry) => entry.name), "--help", "--version"]
      : candidatesAfter(io, commands, [name, ...rest], prefix);
  return [...new Set(candidates)].filter((word) => word.startsWith(prefix));
}

/** Returns the words that can follow the command and its words so far. */
function candidatesAfter(
  io: Io,
  commands: readonly Entry[],
  [name, ...rest]: readonly [string, ...string[]],
  prefix: string,
): string[] {
  let current = commands.find((entry) => entry.name === name)?.load()(io, commands);
  if (current === undefined) return [];
  for (const word of rest)
    current = current.commands.find((subcommand) => subcommand.name() === word) ?? current;
  const { options, registeredArguments: parameters } = current;
  const previous =
    rest.length === 0
      ? undefined
      : options.find(({ long, short }) => [long, short].includes(rest.at(-1)));
  if (previous !== undefined && !previous.isBoolean())
    return [
      ...(previous.argChoices ?? (/stack|environment/.test(previous.flags) ? stackWords(io) : [])),
    ];
  if (prefix.startsWith("-")) return [...options.flatMap(({ long }) => long ?? []), "--help"];
  if (current.commands.length > 0) return current.commands.map((subcommand) => subcommand.name());
  return parameters.flatMap((parameter) =>
    parameter.argChoices !== undefined
      ? parameter.argChoices
      : /^(stacks?|environment)$/.test(parameter.name()) || ["diff", "promote"].includes(name)
        ? stackWords(io)
        : [],
  );
}

/** Returns the stacks and environments of the synth output; empty if there is none. */
function stackWords(io: Io): string[] {
  const project = projectHere(io.cwd);
  if (project === undefined) return [];
  try {
    const stacks = readStacks(project);
    return [
      ...new Set([
        ...stacks.map((stack) => stack.metadata.environment),
        ...stacks.map((stack) => stack.name),
      ]),
    ];
  } catch (error) {
    if (error instanceof LakeformError) return [];
    throw error;
  }
}
