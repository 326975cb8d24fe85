import type { Artifact } from "../artifacts/artifact";
import { ConstructError } from "../core/errors";
import { callerPosition } from "../core/caller-position";

export interface RenderedLibrary {
  readonly jar?: string;
  readonly egg?: string;
  readonly whl?: string;
  readonly requirements?: string;
  readonly pypi?: { readonly package: string; readonly repo?: string };
  readonly maven?: {
    readonly coordinates: string;
    readonly exclusions?: string[];
    readonly repo?: string;
  };
  readonly cran?: { readonly package: string; readonly repo?: string };
}

/**
 * A library that a cluster installs before it runs a task.
 *
 * @example
 * const libraries = [
 *   Library.pypi("requests==2.31.0"),
 *   Library.maven("com.acme:tools:1.0.0"),
 *   Library.whl("/Volumes/main/etl/wheels/etl-1.0-py3-none-any.whl"),
 * ];
 */
export class Library {
  /**
   * A PyPI package: `requests==2.31.0`.
   * @param repo another package index (default: PyPI, or the workspace's default)
   * @throws ConstructError BAD_LIBRARY
   */
  static pypi(specifier: string, repo?: string): Library {
    const name = /^\s*([A-Za-z0-9][\w.-]*)/.exec(specifier)?.[1];
    if (name === undefined) throw invalidLibrary("a PyPI package", specifier, "requests==2.31.0");
    return new Library(`pypi:${name.toLowerCase().replaceAll(/[-_.]+/g, "-")}`, {
      pypi: { package: specifier, repo },
    });
  }

  /**
   * Maven coordinates `group:artifact:version`.
   * @param options.exclusions dependencies to leave out: `["org.slf4j:slf4j-api"]`
   * @param options.repo another repository (default: Maven Central)
   * @throws ConstructError BAD_LIBRARY
   */
  static maven(
    coordinates: string,
    options: { readonly exclusions?: readonly string[]; readonly repo?: string } = {},
  ): Library {
    const [group, artifact, version] = coordinates.split(":");
    if (
      group === undefined ||
      group === "" ||
      artifact === undefined ||
      artifact === "" ||
      version === undefined ||
      version === ""
    ) {
      throw invalidLibrary("Maven coordinates", coordinates, "group:artifact:version");
    }
    return new Library(`maven:${group}:${artifact}`, {
      maven: {
        coordinates,
        ...(options.exclusions && { exclusions: [...options.exclusions] }),
        repo: options.repo,
      },
    });
  }

  /** A CRAN package. @param repo another repository (default: CRAN) */
  static cran(name: string, repo?: string): Library {
    return new Library(`cran:${name}`, { cran: { package: name, repo } });
  }

  /** A JAR, as its path or as an artifact of this stack. */
  static jar(file: string | Artifact): Library {
    return new Library(`jar:${textOf(file)}`, { jar: renderFile(file) });
  }

  /**
   * A Python wheel, as its path or as an artifact of this stack. {@link PythonWheel} gives each
   * build a separate path.
   */
  static whl(file: string | Artifact): Library {
    const base = /([^/]+?)-[^/]*\.whl$/.exec(textOf(file))?.[1] ?? textOf(file);
    return new Library(`whl:${base}`, { whl: renderFile(file) });
  }

  /** A Python egg. @deprecated eggs are not supported since runtime 14.0 */
  static egg(file: string | Artifact): Library {
    return new Library(`egg:${textOf(file)}`, { egg: renderFile(file) });
  }

  /** A requirements.txt in the workspace or in a volume. */
  static requirements(file: string | Artifact): Library {
    return new Library(`requirements:${textOf(file)}`, { requirements: renderFile(file) });
  }

  /** Prevents objects of other classes from being accepted as a library. */
  readonly #brand = "Library";
  private constructor(
    /**
     * The identity of the library without its version. Two libraries of a task with the same
     * identity are a mistake.
     */
    readonly identity: string,
    /** @internal */
    readonly rendered: RenderedLibrary,
  ) {}

  toString(): string {
    // Always true: an unused private field would be a compile error.
    return this.#brand === "Library" ? this.identity : "";
  }
}

function textOf(file: string | Artifact): string {
  return typeof file === "string" ? file : file.path;
}

function renderFile(file: string | Artifact): string {
  return typeof file === "string" ? file : file.renderPath();
}

function invalidLibrary(noun: string, value: string, allowed: string): ConstructError {
  return new ConstructError("BAD_LIBRARY", `not ${noun}`, {
    path: callerPosition(),
    value,
    allowed,
    fix: "correct the coordinates of the package",
  });
}
