/** Runs `lakeform adopt --drift`: turns changes made in the workspace into edits of the code. */
import { createTwoFilesPatch } from "diff";
import { listExamples } from "../list-examples";
import { printable, printableLines } from "../printable";
import { driftEdits, type DriftEdits } from "../adopt/drift/drift";
import { writeFiles } from "../adopt/write";
import { checkStacks } from "../deploy/check";
import { LakeformError } from "../errors";
import { readStacks } from "../terraform/stack";
import { readState } from "../terraform/state";
import type { ReportRedactor } from "../verify";
import type { Io } from "./io";
import type { Reporter } from "./progress";
import { openTargets, type TargetFlags } from "./target";

export interface DriftFlags extends TargetFlags {
  readonly resource?: string;
  readonly write?: boolean;
}

/**
 * Prints the edits, and writes them with `--write`. If there is drift, exits with 2 if some of it
 * needs a manual edit, or without `--write`.
 * @throws LakeformError NO_SUCH_RESOURCE
 */
export async function adoptDrift(
  io: Io,
  environment: string,
  flags: DriftFlags,
  reporter: Reporter,
): Promise<void> {
  const targets = await openTargets(io, [environment], flags, {
    variables: "optional",
    onSynth: () => reporter.step("building the app"),
  });
  const { report, raw, redactor } = await checkStacks(targets, { deep: true, events: reporter });
  const results = raw.resources.filter(
    ({ path }) => flags.resource === undefined || path === flags.resource,
  );
  if (flags.resource !== undefined && results.length === 0) {
    const paths = report.resources.map(({ path }) => path);
    throw new LakeformError(
      "NO_SUCH_RESOURCE",
      "no resource of these stacks has this construct path",
      {
        value: flags.resource,
        allowed: listExamples(paths, 20),
        fix: "lakeform verify prints the paths",
      },
    );
  }
  const edits: DriftEdits[] = [];
  for (const { project, stack, client, terraform } of targets) {
    const otherStacks = readStacks(project).filter(({ name }) => name !== stack.name);
    const state = await readState(terraform, stack);
    const variable = (name: string): string | undefined => terraform.variables[name];
    const ownResults = results.filter((result) => result.stack === stack.name);
    edits.push(
      await driftEdits({
        project,
        api: client,
        stack,
        state,
        variable,
        results: ownResults,
        redactor,
        otherStacks,
      }),
    );
  }
  reporter.done();
  const [first] = targets;
  const files = edits.flatMap((driftEdits) => driftEdits.files);
  const resources = edits.flatMap((driftEdits) => driftEdits.resources);
  for (const { path, source, fields, left } of resources) {
    io.stdout.write(
      `${printable(`${path} (${source})${fields.length === 0 ? "" : `: ${fields.join(", ")}`}`)}\n`,
    );
    for (const line of left) io.stdout.write(`  ${printable(line)}\n`);
  }
  for (const { path, before, content } of files)
    io.stdout.write(printableLines(patch(path, before, content.toString(), redactor)));
  const needsManualEdit = resources.some(({ changed }) => !changed);
  if (resources.length === 0)
    io.stdout.write("no drift: the workspace matches the deployed code\n");
  else if (flags.write === true && first !== undefined) {
    const writtenFiles = await writeFiles(first.project.root, files);
    io.stdout.write(
      `${writtenFiles.length} file${writtenFiles.length === 1 ? "" : "s"} written. Check: lakeform verify ${environment} --deep\n`,
    );
    if (needsManualEdit) io.exitCode = 2;
  } else {
    io.stdout.write(`nothing was written: lakeform adopt ${environment} --drift --write\n`);
    io.exitCode = 2;
  }
}

function patch(file: string, before: string, after: string, redactor: ReportRedactor): string {
  return createTwoFilesPatch(file, file, before, after, "", "", { context: 1 })
    .replace(/^Index: .*\n=+\n/, "")
    .replaceAll(/^((?:---|\+\+\+) .*)\t$/gm, "$1")
    .split("\n")
    .map((line) => redactor.text(line))
    .join("\n");
}
