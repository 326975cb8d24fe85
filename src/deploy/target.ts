import type { Client } from "../api/client";
import type { TerraformContext } from "../terraform/run";
import type { Progress } from "../terraform/json-lines";
import type { Project } from "../terraform/project";
import type { SynthesizedStack } from "../terraform/stack";

/** A stack, with its workspace and Terraform. The target of a command satisfies this interface. */
export interface DeployTarget {
  /** The project of the stack, if results may be kept in it. */
  readonly project?: Pick<Project, "privateFolder">;
  readonly stack: SynthesizedStack;
  readonly client: Client;
  readonly terraform: TerraformContext;
}

/** Progress reports for a person. */
export interface DeployEvents {
  /** Starts a step: `planning daily-etl-dev`. */
  readonly step: (text: string) => void;
  /** Prints a line that stays on the screen. */
  readonly note: (text: string) => void;
  /** Shows the progress of Terraform's plan or apply. */
  readonly terraform: (progress: Progress) => void;
  /** Progress within a step: called often. */
  readonly progress?: (text: string) => void;
}
