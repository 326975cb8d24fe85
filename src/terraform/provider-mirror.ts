import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { defined } from "../defined";
import { LakeformError } from "../errors";
import { isRunning } from "../processes";
import { providerVersions } from "./toolkit";

/**
 * The version of databricks/databricks that the embedded provider replaces if a stack does not
 * require one.
 */
export const providerVersion = providerVersions.cdktf;
/**
 * The versions of databricks/databricks that are always in the mirror: those of the supported
 * bindings.
 */
const versionsInMirror: readonly string[] = Object.values(providerVersions);
/**
 * `databricks/databricks` resolves to the first source in Terraform, and to the second in OpenTofu.
 */
const sources = [
  "registry.terraform.io/databricks/databricks",
  "registry.opentofu.org/databricks/databricks",
];

/**
 * The launcher in the mirror. It is identical in all releases of lakeform, because Terraform's lock
 * file contains its hash. It loads the code named by LAKEFORM_PROVIDER_ENTRY, or by the file next
 * to the mirror.
 */
const launcher = `#!/usr/bin/env node
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const entry = process.env.LAKEFORM_PROVIDER_ENTRY || fs.readFileSync(path.join(__dirname, "../../../../../../provider-entry"), "utf8").trim();
require(entry);
`;

export interface ProviderMirror {
  /** The filesystem mirror, in the layout of `terraform providers lock -fs-mirror`. */
  readonly directory: string;
  /**
   * A CLI configuration for Terraform and OpenTofu: databricks/databricks comes from the mirror,
   * all other providers from their usual source.
   */
  readonly cliConfigFile: string;
  /** The provider's code, for LAKEFORM_PROVIDER_ENTRY. */
  readonly entry: string;
  /** The version that the stack requires. */
  readonly version?: string;
}

/**
 * Returns the path of this package's built provider.
 * @throws LakeformError PROVIDER_NOT_BUILT in a source checkout without a build
 */
export function providerEntry(): string {
  const candidates = [
    path.join(__dirname, "..", "..", "provider.js"),
    path.join(__dirname, "..", "..", "dist", "provider.js"),
  ];
  const entry = candidates.find((file) => fs.existsSync(file));
  if (entry === undefined) {
    throw new LakeformError("PROVIDER_NOT_BUILT", "the embedded provider is not built", {
      value: candidates[0],
      fix: "npm run build",
    });
  }
  return fs.realpathSync(entry);
}

/**
 * Returns an id of the embedded provider's build. Builds that plan differently have different ids.
 */
export function providerBuild({ entry }: Pick<ProviderMirror, "entry">): string {
  const hash = createHash("sha256");
  const folder = path.dirname(entry);
  const schemas = path.join(folder, "src", "resources", "schema");
  const schemaFiles = fs.existsSync(schemas) ? fs.readdirSync(schemas).sort() : [];
  for (const file of [
    entry,
    path.join(folder, "provider-main.js"),
    ...schemaFiles.map((name) => path.join(schemas, name)),
  ])
    if (fs.existsSync(file)) hash.update(fs.readFileSync(file));
  return hash.digest("hex").slice(0, 12);
}

/**
 * Installs the embedded provider for Terraform below `folder` (a project's `.lakeform`). It is safe
 * to call this before each run, because only missing or changed files are written.
 * @param version a version that the stack requires because its bindings are newer than this package
 */
export function installProviderMirror(
  folder: string,
  entry: string = providerEntry(),
  version?: string,
): ProviderMirror {
  const directory = path.join(folder, "mirror");
  // linux_amd64 is always included, because `cdktf` also locks that platform.
  const platforms = [...new Set(["linux_amd64", hostPlatform()])];
  const versions = new Set([...versionsInMirror, ...(version === undefined ? [] : [version])]);
  for (const [executable, provider] of [...versions].flatMap((mirrored) =>
    sources.flatMap((source) =>
      platforms.map(
        (platform) =>
          [
            `terraform-provider-databricks_v${mirrored}`,
            path.join(directory, source, mirrored, platform),
          ] as const,
      ),
    ),
  )) {
    removeLink(provider);
    for (const otherFile of fs.existsSync(provider) ? fs.readdirSync(provider) : []) {
      if (otherFile !== executable && !isBeingWritten(otherFile))
        fs.rmSync(path.join(provider, otherFile), { recursive: true, force: true });
    }
    writeExactly(path.join(provider, executable), launcher, 0o755);
  }
  const cliConfigFile = path.join(folder, "embedded.tfrc");
  const names = JSON.stringify(sources);
  const config = [
    "provider_installation {",
    "  filesystem_mirror {",
    `    path    = ${JSON.stringify(directory)}`,
    `    include = ${names}`,
    "  }",
    "  direct {",
    `    exclude = ${names}`,
    "  }",
    "}",
    "",
  ].join("\n");
  writeExactly(cliConfigFile, config, 0o644);
  writeExactly(path.join(folder, "provider-entry"), `${entry}\n`, 0o644);
  return { directory, cliConfigFile, entry, ...defined({ version }) };
}

/**
 * Returns the exact version of databricks/databricks that a configuration requires; bindings always
 * write an exact version.
 */
export function requiredVersion(
  terraform: Readonly<Record<string, unknown>> | undefined,
): string | undefined {
  const { databricks } = (terraform?.["required_providers"] ?? {}) as {
    databricks?: { version?: string };
  };
  return /^=? ?(\d+\.\d+\.\d+)$/.exec(databricks?.version ?? "")?.[1];
}

/** Returns the version of databricks/databricks in the lock file of an initialized folder. */
export function lockedVersion(directory: string): string | undefined {
  const file = path.join(directory, ".terraform.lock.hcl");
  if (!fs.existsSync(file)) return undefined;
  const text = fs.readFileSync(file, "utf8");
  return /^provider "[^"]*\/databricks\/databricks" \{[^}]*?\bversion\s*=\s*"(\d+\.\d+\.\d+)"/m.exec(
    text,
  )?.[1];
}

/** Returns the embedded provider for a stack, if its environment uses it. */
export function mirrorFor(
  stack: {
    readonly metadata: { readonly provider: string };
    readonly json: { readonly terraform?: Readonly<Record<string, unknown>> };
  },
  folder: string,
): ProviderMirror | undefined {
  if (stack.metadata.provider !== "embedded") return undefined;
  return installProviderMirror(folder, providerEntry(), requiredVersion(stack.json.terraform));
}

/** True if another command is currently writing the file. */
function isBeingWritten(name: string): boolean {
  const writer = /\.(\d+)\.tmp$/.exec(name)?.[1];
  return writer !== undefined && isRunning({ pid: Number(writer) });
}

function hostPlatform(): string {
  const os = process.platform === "win32" ? "windows" : process.platform;
  const arch = process.arch === "x64" ? "amd64" : process.arch === "ia32" ? "386" : process.arch;
  return `${os}_${arch}`;
}

/**
 * Removes a folder that is a link: a plugin cache links into mirrors, and writing through such a
 * link would change the cache.
 */
function removeLink(folder: string): void {
  if (fs.lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() === true)
    fs.unlinkSync(folder);
}

/** Writes a file atomically if its content differs. */
function writeExactly(file: string, content: string, mode: number): void {
  const status = fs.lstatSync(file, { throwIfNoEntry: false });
  if (
    status?.isFile() === true &&
    status.size === Buffer.byteLength(content) &&
    fs.readFileSync(file, "utf8") === content
  )
    return;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  fs.writeFileSync(temporary, content, { mode });
  fs.chmodSync(temporary, mode);
  fs.renameSync(temporary, file);
}
