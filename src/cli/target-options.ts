/** The options of commands that open stacks; `TargetFlags` has their values. */
import { Option } from "commander";

export const hostOption = (): Option =>
  new Option("--host <url>", "use this workspace instead of the environment's own");

export const profileOption = (): Option =>
  new Option("--profile <name>", "profile in .databrickscfg");

export const noSynthOption = (): Option =>
  new Option("--no-synth", "use the existing synth output; fail if it does not match the code");
