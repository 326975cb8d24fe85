/** The format of the recordings in test/fixtures/official-provider/. */
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = Record<string, Json>;

export interface Call {
  readonly during: "plan" | "apply" | "import";
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Json;
  readonly status: number;
  readonly response?: Json;
  readonly response_headers?: Readonly<Record<string, string>>;
  /** Whether the call is a retry, before which the client waited. */
  readonly waited?: boolean;
}

export interface PlannedResource {
  readonly actions: readonly string[];
  readonly action_reason?: string;
  readonly replace_paths?: readonly (readonly (string | number)[])[];
  /** The known values and the unknown paths of a create. */
  readonly planned?: JsonObject;
  readonly unknown?: readonly string[];
  /** The top-level attributes that change in any other action. */
  readonly changes?: Readonly<
    Record<
      string,
      { readonly before: Json; readonly after: Json; readonly unknown?: readonly string[] }
    >
  >;
}

export interface Plan {
  /** The exit code of `-detailed-exitcode`, or -1 if the recorder stopped terraform. */
  readonly exit_code: number;
  readonly resources?: Readonly<Record<string, PlannedResource>>;
  readonly drift?: Readonly<Record<string, PlannedResource>>;
}

export interface StateResource {
  readonly schema_version: number;
  readonly attributes: JsonObject;
  readonly status?: string;
  readonly null_top_level?: readonly string[];
  readonly empty_top_level?: Readonly<Record<string, readonly string[]>>;
}

export interface Step {
  readonly step: string;
  readonly config?: JsonObject;
  readonly plan?: "no changes" | Plan;
  readonly apply_exit_code?: number;
  readonly import_id?: string;
  readonly exit_code?: number;
  /** The number of errors, including terraform's "execution halted" if the recorder stopped it. */
  readonly errors?: number;
  readonly warnings?: number;
  readonly requests: readonly Call[];
  readonly state?: Readonly<Record<string, StateResource>>;
}

export interface Recording {
  readonly case: string;
  readonly kind: string;
  readonly note?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly files?: Readonly<
    Record<string, string | { readonly bytes: number; readonly sha256: string }>
  >;
  readonly config: JsonObject;
  readonly steps: readonly Step[];
}

const folder = path.join(__dirname, "..", "fixtures", "official-provider");

export function caseNames(): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => name.slice(0, -".json".length))
    .sort();
}

export function loadCase(name: string): Recording {
  return JSON.parse(readFileSync(path.join(folder, `${name}.json`), "utf8")) as Recording;
}
