export type Figures = Record<string, number>;

/**
 * One benchmark: variants of one job, run in turn, with a baseline among them. `bench/run.mjs` runs
 * the file's exported `scenario`.
 */
export interface Scenario<Context = undefined> {
  readonly title: string;
  /** The variant that the others are compared with. */
  readonly baseline: string;
  readonly variants: readonly Variant<Context>[];
  /** With `--write`: writes the medians, by variant, into the docs. */
  readonly write?: (medians: Readonly<Record<string, Readonly<Figures>>>) => void;
  /** @default 1 */
  readonly warmup?: number;
  /** @default 5 */
  readonly repeats?: number;
  readonly setup?: () => Promise<Context>;
  readonly teardown?: (context: Context) => Promise<void>;
}

export interface Variant<Context> {
  readonly name: string;
  /**
   * The variant that this one is compared with, where it is another than the scenario's baseline.
   */
  readonly against?: string;
  /**
   * Does the job once. Its wall time is measured; figures of its own (rates, `peakMegabytes`) are
   * returned, and win over it when named `seconds`.
   */
  readonly run: (context: Context) => Promise<Readonly<Record<string, number>> | undefined>;
}
