/**
 * Common parts of all SARIF output.
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
import path from "node:path";

/** The location of a project in its repository, because code review needs paths from its root. */
export interface SourcePlace {
  /** The project's folder relative to the root of the repository; "" for the root. */
  readonly folder: string;
  /** The project file used for results without a line. */
  readonly file: string;
}

export const projectItself: SourcePlace = { folder: "", file: "cdktf.json" };

export interface SarifRun {
  readonly driver: object;
  readonly results: readonly unknown[];
  /** Further properties of the run. */
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
 * Creates a location with a file, a line and a name. Results without a source get the project file,
 * because GitHub rejects the complete log if one result has no location.
 * @param source `stacks/daily-etl.ts:31`
 */
export function sarifLocation(
  source: string | undefined,
  place: SourcePlace,
  logical: object,
): object {
  const [, file = place.file, line = "1"] =
    /^(.*?)(?::(\d+))?(?::\d+)?$/.exec(source ?? place.file) ?? [];
  const uri = encodeURI(path.posix.normalize(path.posix.join(place.folder, file)));
  return {
    physicalLocation: {
      artifactLocation: { uri, uriBaseId: "%SRCROOT%" },
      region: { startLine: Number(line) },
    },
    logicalLocations: [{ ...logical, kind: "resource" }],
  };
}
