/**
 * The toolkit that the project has installed: cdktf, or its maintained fork cdktn, each with its
 * Databricks bindings. Both have the same modules under different names. `bindings.ts` imports the
 * modules of cdktf; in the package, `scripts/build.mjs` replaces each of these imports with a call
 * to {@link toolkitModule}.
 */
import Module, { createRequire } from "node:module";
import path from "node:path";
import { ModuleCache } from "../../src/module-cache";
import { installedVersion, isOlder } from "../../src/package-versions";
import { ConstructError } from "./errors";
import { projectRoot } from "./project-root";
import { stableJson } from "./stable-json";
import { withoutStackTraces } from "./stack-traces";

/** The oldest supported bindings of each toolkit. */
export const oldestBindings = { cdktf: "15.16.1", cdktn: "18.0.0" } as const;
type Toolkit = keyof typeof oldestBindings;
const toolkits = Object.keys(oldestBindings) as readonly Toolkit[];

interface InstalledToolkit {
  readonly toolkit: Toolkit;
  /** The toolkit and its bindings with their versions: `cdktf-0.21.0-15.16.1`. */
  readonly id: string;
  readonly require: NodeJS.Require;
}

let loadedToolkit: (InstalledToolkit & { readonly cache: ModuleCache }) | undefined;

/**
 * Loads a module of the project's toolkit.
 * @param name the module's name in cdktf
 * @throws ConstructError NO_TOOLKIT, TWO_TOOLKITS, TOOLKIT_TOO_OLD
 */
export function toolkitModule(name: string): unknown {
  if (loadedToolkit === undefined) {
    const installed = installedToolkit(projectRoot());
    loadedToolkit = { ...installed, cache: new ModuleCache(installed.id) };
  }
  const { toolkit, require, cache } = loadedToolkit;
  const load = (): unknown => cache.load(() => loadModule(toolkit, require, name));
  try {
    // cdktf creates tokens while it loads, each with a stack trace.
    return withoutStackTraces(load);
  } catch {
    return load(); // throws the same error, with a stack trace
  }
}

function loadModule(toolkit: Toolkit, require: NodeJS.Require, name: string): unknown {
  // Constructs of different copies of `constructs` cannot be in the same tree, so the toolkit's own
  // copy is loaded.
  if (name === "constructs")
    return createRequire(require.resolve(`${toolkit}/package.json`))(name) as unknown;
  const load = (): unknown => require(name.replace("cdktf", toolkit)) as unknown;
  if (name !== "cdktf") return load();
  const inToolkit = createRequire(require.resolve(`${toolkit}/package.json`));
  return Object.entries(standIns).reduceRight(
    (loadNext, [library, createStandIn]) =>
      () =>
        loadWithStandIn(inToolkit, library, createStandIn, loadNext),
    load,
  )();
}

/**
 * Stand-ins for libraries of the toolkit, which take most of its loading time. Only `moved` blocks
 * and the process that makes archives use the first two, which are loaded at their first use.
 */
const standIns: Readonly<Record<string, (loadLibrary: () => object) => object>> = {
  archiver: lazyLibrary,
  semver: lazyLibrary,
  "json-stable-stringify": () => stableJson,
};

/** Returns a stand-in that loads its library at the first use. */
function lazyLibrary(loadLibrary: () => object): object {
  return new Proxy(() => undefined, {
    apply: (_, self, parameters) =>
      Reflect.apply(loadLibrary() as () => unknown, self, parameters) as unknown,
    get: (_, field) => Reflect.get(loadLibrary(), field) as unknown,
  });
}

/** Loads a module, and gives it a stand-in for one of its libraries. */
function loadWithStandIn(
  require: NodeJS.Require,
  library: string,
  createStandIn: (loadLibrary: () => object) => object,
  load: () => unknown,
): unknown {
  let file: string;
  try {
    file = require.resolve(library);
  } catch {
    return load();
  }
  if (require.cache[file] !== undefined) return load();
  let libraryModule: object | undefined;
  const standIn = new Module(file);
  standIn.loaded = true;
  standIn.exports = createStandIn(() => (libraryModule ??= require(file) as object));
  require.cache[file] = standIn;
  try {
    return load();
  } finally {
    Reflect.deleteProperty(require.cache, file);
  }
}

/**
 * Returns the project's toolkit. A project without one, such as a single script, gets the toolkit
 * that is installed next to lakeform.
 */
function installedToolkit(root: string): InstalledToolkit {
  const requireFunctions = [path.join(root, "package.json"), __filename].map((from) =>
    createRequire(from),
  );
  // The first place in which a toolkit and its bindings are both installed.
  const place = requireFunctions
    .map((require) =>
      toolkits.filter((toolkit) =>
        packagesOf(toolkit).every((name) => installedVersion(require, name) !== undefined),
      ),
    )
    .map((installed, index) => ({ installed, require: requireFunctions[index] }))
    .find(({ installed }) => installed.length > 0);
  const [toolkit, second] = place?.installed ?? [];
  if (place?.require === undefined || toolkit === undefined)
    throw noToolkit(root, requireFunctions);
  if (second !== undefined) {
    throw toolkitError(
      "TWO_TOOLKITS",
      "two toolkits are installed, and constructs of one do not work in stacks of the other",
      {
        value: `${describeToolkit(place.require, toolkit)} and ${describeToolkit(place.require, second)}, in ${root}`,
        allowed: "one of them",
        fix: `npm uninstall ${packagesOf("cdktf").join(" ")}, after lakeform migrate-toolkit if the code imports cdktf`,
      },
    );
  }
  const [, bindings] = packagesOf(toolkit);
  const version = installedVersion(place.require, bindings) ?? "";
  if (isOlder(version, oldestBindings[toolkit])) {
    throw toolkitError("TOOLKIT_TOO_OLD", "the installed bindings are too old", {
      value: `${bindings} ${version}`,
      allowed: `${oldestBindings[toolkit]} or newer`,
      fix: `npm install ${bindings}@^${oldestBindings[toolkit]}`,
    });
  }
  const id = [toolkit, installedVersion(place.require, toolkit), version].join("-");
  return { toolkit, id, require: place.require };
}

const packagesOf = (toolkit: Toolkit): readonly [core: string, bindings: string] => [
  toolkit,
  `@${toolkit}/provider-databricks`,
];

function noToolkit(root: string, requireFunctions: readonly NodeJS.Require[]): ConstructError {
  const parts = toolkits
    .flatMap(packagesOf)
    .filter((name) =>
      requireFunctions.some((require) => installedVersion(require, name) !== undefined),
    );
  return toolkitError("NO_TOOLKIT", "no toolkit is installed: stacks need cdktn or cdktf", {
    value: parts.length === 0 ? root : `only ${parts.join(" and ")}, in ${root}`,
    allowed: toolkits.map((toolkit) => packagesOf(toolkit).join(" with ")).join(", or "),
    fix: `npm install ${packagesOf("cdktn").join(" ")} constructs`,
  });
}

const describeToolkit = (require: NodeJS.Require, toolkit: Toolkit): string =>
  packagesOf(toolkit)
    .map((name) => `${name} ${installedVersion(require, name) ?? ""}`)
    .join(" with ");

/**
 * Returns an error with all details in its message, because Node.js prints errors that are thrown
 * while modules load.
 */
function toolkitError(
  code: string,
  message: string,
  details: ConstructError["details"],
): ConstructError {
  const error = new ConstructError(code, message, details);
  error.message = error.format();
  return error;
}
