import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { LakeformError } from "../errors";
import { readStackFolder, type SynthesizedStack } from "../terraform/stack";

/** A cdktf stack: an instance of WorkspaceStack from lakeform/constructs. */
export interface CdktfStack {
  readonly node: { readonly path: string; readonly root: unknown };
  readonly synthesizer: { synthesize(session: never): void };
}

interface Manifest {
  readonly outdir: string;
  readonly stacks: Readonly<
    Record<string, { readonly name: string; readonly workingDirectory: string }>
  >;
}

/**
 * Synthesizes one stack into a folder of its own, with its aspects and checks, as `lakeform synth`
 * does.
 * @throws errors of the constructs' checks; LakeformError NO_APP for a stack that has no App at its
 * root, NO_METADATA for a stack that is not a WorkspaceStack
 */
export function synthesizeStack(stack: CdktfStack): SynthesizedStack {
  const app = stack.node.root as { readonly manifest?: Manifest };
  if (app.manifest === undefined)
    throw new LakeformError("NO_APP", "the stack has no App at its root", {
      value: stack.node.path,
      fix: "create the stack in an App: new MyStack(new App(), environment)",
    });
  const outdir = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-testing-"));
  // Without App.synth(), the folder for the synthesizer has to be created here.
  fs.mkdirSync(path.join(outdir, "stacks"));
  // A separate manifest, because the app's own points to the app's folder.
  const manifest = Object.assign(
    Object.create(Object.getPrototypeOf(app.manifest) as object) as Manifest,
    app.manifest,
    {
      outdir,
      stacks: {},
    },
  );
  const synthesize = (session: object): void => stack.synthesizer.synthesize(session as never);
  synthesize({ outdir, manifest, skipValidation: false });
  const entry = Object.values(manifest.stacks).find(({ workingDirectory }) =>
    fs.existsSync(path.join(outdir, workingDirectory, "cdk.tf.json")),
  );
  const synthesized =
    entry === undefined
      ? undefined
      : readStackFolder(path.join(outdir, entry.workingDirectory), entry.name);
  if (synthesized === undefined)
    throw new LakeformError(
      "NO_METADATA",
      "the stack was not built with WorkspaceStack, so its environment is unknown",
      {
        value: stack.node.path,
        fix: "extend WorkspaceStack of lakeform/constructs",
      },
    );
  return synthesized;
}

/** Removes the folder written by {@link synthesizeStack}, with its contents. */
export function removeSynthesized({ directory }: SynthesizedStack): void {
  fs.rmSync(path.join(directory, "..", ".."), { recursive: true, force: true });
}

/** Returns the resources of a stack by Terraform type and name. */
export function resourcesOf(stack: CdktfStack): NonNullable<SynthesizedStack["json"]["resource"]> {
  const synthesized = synthesizeStack(stack);
  removeSynthesized(synthesized);
  return synthesized.json.resource ?? {};
}
