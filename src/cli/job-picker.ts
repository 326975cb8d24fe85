/** Asks on the terminal which jobs of a workspace to adopt. */
import { printable } from "../printable";
import { minimatch } from "minimatch";
import { listJobs } from "../adopt/workspace";
import type { ReadClient } from "../api/client";
import type { Io } from "./io";
import { ask } from "./questions";

interface JobRow {
  readonly id: string;
  readonly name: string;
}

/** The maximum number of listed rows. The jobs that follow can be selected by name. */
const maxRows = 40;

/** Lets the user pick jobs. @returns their ids; empty if none was picked */
export async function pickJobs(io: Io, api: ReadClient): Promise<readonly string[]> {
  const jobs = (await listJobs(api)).toSorted((a, b) =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : Number(a.id) - Number(b.id),
  );
  if (jobs.length === 0) {
    io.stderr.write(`${api.host} has no jobs that the token can see\n`);
    return [];
  }
  io.stderr.write(`${rowsOf(jobs)}\n`);
  for (;;) {
    const answer = await ask(
      io,
      "Jobs to adopt: numbers (1-3,7), names, patterns (etl-*), all; Enter ends: ",
    );
    if (answer === undefined || answer === "") return [];
    const { picked: pickedJobs, unknown } = parseSelection(answer, jobs);
    if (unknown.length > 0) {
      io.stderr.write(`no job has the name or number ${unknown.join(", ")}\n`);
      continue;
    }
    io.stderr.write(`${rowsOf(jobs, pickedJobs)}\n`);
    if (
      /^y(es)?$/i.test(
        (await ask(
          io,
          `Adopt ${pickedJobs.length === 1 ? "this job" : `these ${pickedJobs.length} jobs`}? [y/N] `,
        )) ?? "",
      )
    )
      return pickedJobs.map(({ id }) => id);
  }
}

function rowsOf(jobs: readonly JobRow[], shownJobs = jobs): string {
  const width = String(jobs.length).length;
  const rows = shownJobs
    .slice(0, maxRows)
    .map(
      (job) =>
        `${String(jobs.indexOf(job) + 1).padStart(width + 2)}  ${printable(job.name)}  (${job.id})`,
    );
  return [
    ...rows,
    ...(shownJobs.length > maxRows
      ? [`${" ".repeat(width + 4)}and ${shownJobs.length - maxRows} more`]
      : []),
  ].join("\n");
}

/**
 * Returns the jobs that the user's input selects, in list order, and the words that select none.
 */
function parseSelection<T extends JobRow>(
  answer: string,
  jobs: readonly T[],
): { readonly picked: readonly T[]; readonly unknown: readonly string[] } {
  const pickedJobs = new Set<T>();
  const unknown: string[] = [];
  for (const word of answer
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "")) {
    const [, from, to = from] = /^(\d+)(?:\s*-\s*(\d+))?$/.exec(word) ?? [];
    const byNumber =
      from === undefined ? [] : jobs.slice(Number(from) - 1, Math.max(0, Number(to)));
    const matchesByName = jobs.filter(
      ({ id, name }) =>
        word === "all" || name === word || id === word || minimatch(name, word, { dot: true }),
    );
    const matches =
      from !== undefined && Number(from) > 0 && byNumber.length > 0 ? byNumber : matchesByName;
    if (matches.length === 0) unknown.push(word);
    for (const job of matches) pickedJobs.add(job);
  }
  return { picked: jobs.filter((job) => pickedJobs.has(job)), unknown };
}
