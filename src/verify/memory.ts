/**
 * Remembers a verification that found only matches. While everything that a verification reads is
 * the same (code, state, deployment record, options, build, day, and every answer of the
 * workspace), its result is the same, so nothing is compared again. Modification times are not
 * used. The file has no secrets: a verification that found any is not remembered.
 */
import fs from "node:fs";
import path from "node:path";
import { defined } from "../defined";
import { parseSavedJson } from "../exact-json";
import { readPrivate, writePrivate } from "../private-files";
import type { Expected } from "./desired/expected";
import type { RawReport } from "./model";
import type { VerifyOptions } from "./options";
import type { ReportRedactor } from "./redactor";
import { digestOf, type KnownAnswer } from "./remote/answers";
import type { Access } from "./remote/shared-reads";

/** The parts of a report that are the same the next time. */
export type RememberedReport = Omit<RawReport, "startedAt" | "milliseconds" | "calls">;

interface Remembered {
  readonly inputs: string;
  readonly answers: readonly KnownAnswer[];
  readonly report: RememberedReport;
}

export class Memory {
  /** False once the verification has used something that is not part of {@link #inputs}. */
  #isUsable = true;

  private constructor(
    private readonly file: string,
    private readonly inputs: string,
    private readonly localInputs: string,
    private readonly options: VerifyOptions,
  ) {}

  /**
   * @param date the day, on which the expiry of rules depends
   * @returns undefined if this verification must not be remembered
   */
  static async open(options: VerifyOptions, date: string): Promise<Memory | undefined> {
    const { memory, api, targets, ignore = [], unmanaged = "ours" } = options;
    const { deep = false, maxContentBytes, maxFolders } = options;
    if (memory === undefined || !canBeRemembered(options)) return undefined;
    const localInputs = await memory.localInputs();
    if (localInputs === undefined) return undefined;
    const scope = [deep, unmanaged, targets.map(({ name }) => name)];
    const inputs = [
      ...[buildDigest(), process.version, date, api.host, scope, localInputs],
      ...[ignore, maxContentBytes, maxFolders],
      targets.map(({ name: _name, state: _state, variable: _variable, ...rest }) => rest),
    ];
    const file = path.join(memory.folder, `${digestOf(JSON.stringify(scope))}.json`);
    return new Memory(file, digestOf(JSON.stringify(inputs)), localInputs, options);
  }

  /** The options `known` and `others`. The memory is not used once they have returned a value. */
  get watched(): Pick<VerifyOptions, "known" | "others"> {
    const { known, others } = this.options;
    return defined({
      known: known && ((...of: Parameters<typeof known>) => this.#noteUse(known(...of))),
      others: others && (async () => this.#noteUse(await others())),
    });
  }

  #noteUse<T>(used: T): T {
    if (used !== undefined) this.#isUsable = false;
    return used;
  }

  /** Returns the remembered report if the inputs and the workspace's answers are still the same. */
  async recall(api: Access): Promise<RememberedReport | undefined> {
    const { recordVersions, concurrency = 16 } = this.options;
    const saved = recordVersions === true ? undefined : readPrivate(this.file);
    const remembered = saved && parseSavedJson<Remembered>(saved.toString("utf8"));
    if (remembered?.inputs !== this.inputs || remembered.answers === undefined) return undefined;
    return (await api.areSame(remembered.answers, concurrency)) ? remembered.report : undefined;
  }

  /** Remembers a verification if it found only matches. */
  async keep(
    raw: RawReport,
    expected: readonly Expected[],
    api: Access,
    redactor: ReportRedactor,
  ): Promise<void> {
    const { startedAt: _at, milliseconds: _ms, calls: _calls, ...report } = raw;
    const answers = api.answers?.known;
    // A verification that records versions reads more lists than others.
    const hasOtherReads =
      this.options.recordVersions === true &&
      expected.some(({ reader }) => reader?.traits?.listedVersions !== undefined);
    const isClean =
      report.counts.match === report.resources.length &&
      report.resources.every(
        ({ findings, reason }) => findings.length + (reason?.length ?? 0) === 0,
      ) &&
      report.unmanaged.length + report.failures.length === 0 &&
      report.notChecked.every(({ reason }) => typeof reason === "string");
    if (!this.#isUsable || !isClean || hasOtherReads || answers === undefined) return;
    const remembered: Remembered = { inputs: this.inputs, answers, report };
    const text = JSON.stringify(remembered);
    if (redactor.hasLearned || redactor.text(text) !== text) return;
    // A file that changed during the verification may have been read before or after the change.
    if ((await this.options.memory?.localInputs()) !== this.localInputs) return;
    // A failed write is ignored, because the memory only saves time.
    writePrivate(this.file, text, undefined, () => undefined);
  }
}

/** Whether the result depends only on what {@link Memory.open} reads. */
function canBeRemembered(options: VerifyOptions): boolean {
  const { targets, byName, compareState, keep, explain, findReader, removed } = options;
  return (
    byName !== true &&
    compareState !== true &&
    [keep, explain, findReader].every((option) => option === undefined) &&
    (removed?.stacks.length ?? 0) + (removed?.unknown.length ?? 0) === 0 &&
    targets.every(
      ({ desired, inherited, used }) =>
        "stack" in desired &&
        desired.stack.variable === undefined &&
        inherited === undefined &&
        (used?.size ?? 0) === 0,
    )
  );
}

/** Returns a digest of the code that compares: the bundle of all commands. */
const buildDigest = (): string => digestOf(fs.readFileSync(__filename));
