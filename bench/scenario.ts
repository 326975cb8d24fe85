/** Measured values by name. */
export type Figures = Record<string, number>;

/**
 * A benchmark: variants of one task, run alternately and compared with a baseline variant.
 * `bench/run.mjs` runs the `scenario` export of a file.
 */
export interface Scenario<Context = undefined> {
  readonly title: string;
  /** The name of the variant that the others are compared with. */
  readonly baseline: string;
  readonly variants: readonly Variant<Context>[];
  /** Writes the medians of each variant to the docs. Called with `--write`. */
  readonly write?: (medians: Readonly<Record<string, Readonly<Figures>>>) => void;
  /** Runs of each variant before the measured ones. @default 1 */
  readonly warmup?: number;
  /** Measured runs of each variant. @default 5 */
  readonly repeats?: number;
  readonly setup?: () => Promise<Context>;
  readonly teardown?: (context: Context) => Promise<void>;
}

export interface Variant<Context> {
  readonly name: string;
  /** The variant to compare with instead of the scenario's `baseline`. */
  readonly against?: string;
  /**
   * Runs the task once, and returns figures to report. `seconds` is the wall time of the call,
   * unless it is among these figures.
   */
  readonly run: (context: Context) => Promise<Readonly<Record<string, number>> | undefined>;
}
