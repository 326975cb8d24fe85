/** What all our SARIF has in common. @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */
import path from "node:path";

/** Where the project lies in its repository: code review knows paths from the repository's root alone. */
export interface SourcePlace {
  /** The project's folder as seen from the root of the repository; "" at the root. */
  readonly folder: string;
  /** The file of the project that stands for what is at no line. */
  readonly file: string;
}

export const projectItself: SourcePlace = { folder: "", file: "cdktf.json" };

export interface SarifRun {
  readonly driver: object;
  readonly results: readonly unknown[];
  /** What else the run says. */
  readonly more?: object;
}

export function sarifLog({ driver, results, more }: SarifRun): string {
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [{ tool: { driver }, ...more, results }],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

/**
 * A place in a file and a name. GitHub refuses the whole file when one result has no place in a file: what is at no line is at the project.
 * @param source `stacks/daily-etl.ts:31`
 */
export function sarifLocation(source: string | undefined, place: SourcePlace, logical: object): object {
  const [, file = place.file, line = "1"] = /^(.*?)(?::(\d+))?(?::\d+)?$/.exec(source ?? place.file) ?? [];
  const uri = encodeURI(path.posix.normalize(path.posix.join(place.folder, file)));
  return {
    physicalLocation: { artifactLocation: { uri, uriBaseId: "%SRCROOT%" }, region: { startLine: Number(line) } },
    logicalLocations: [{ ...logical, kind: "resource" }],
  };
}
