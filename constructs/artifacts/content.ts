import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { AssetType, TerraformAsset, type Construct } from "../core/bindings";
import { credentialIn } from "../checks/credentials";
import { errorAt } from "../core/errors";
import { resolveValues } from "../core/fast-synth";
import { projectRoot } from "../core/project-root";
import { warn } from "../core/warnings";
import { WorkspaceStack } from "../core/workspace-stack";

/** The fields of an artifact's resource that describe its content. */
export interface RenderedContent {
  /** The path of the copy in the synth output, relative to the folder in which Terraform runs. */
  readonly source?: string;
  readonly contentBase64?: string;
  /** The hash of the content, by which Terraform detects changed files. */
  readonly md5?: string;
}

/** The content of an artifact: a local file, or a string in the code. */
export abstract class Content {
  /**
   * A local file, relative to the folder that contains cdktf.json, or absolute. It is copied to the
   * synth output, so that the deployed file is the one that was reviewed.
   * @example
   * Content.file("stacks/notebooks/ingest_raw_data.py");
   */
  static file(file: string): Content {
    return new FileContent(file);
  }

  /**
   * A string in the code. It must not be empty or contain a secret, nor an attribute of another
   * resource, such as the id of a warehouse, which is known only after the deploy.
   */
  static text(text: string): Content {
    return new TextContent(text);
  }

  /** The name of the file, if any; language and format are derived from it. */
  abstract readonly fileName: string | undefined;
  /** Returns the SHA-256 of the bytes in hex; undefined if the file does not exist. */
  abstract sha256(): string | undefined;
  /**
   * @internal Returns the bytes; undefined if the file does not exist, and for subclasses that do
   * not implement this method
   */
  bytes(): Buffer | undefined {
    return undefined;
  }

  /** @internal */
  abstract render(scope: Construct): RenderedContent;
}

class FileContent extends Content {
  readonly #file: string;

  constructor(file: string) {
    super();
    this.#file = path.resolve(projectRoot(), file);
  }

  get fileName(): string {
    return path.basename(this.#file);
  }

  sha256(): string | undefined {
    const bytes = this.bytes();
    return bytes === undefined ? undefined : createHash("sha256").update(bytes).digest("hex");
  }

  override bytes(): Buffer | undefined {
    return fs.statSync(this.#file, { throwIfNoEntry: false })?.isFile() === true
      ? fs.readFileSync(this.#file)
      : undefined;
  }

  render(scope: Construct): RenderedContent {
    const bytes = this.bytes();
    if (bytes === undefined) {
      const displayPath = path.relative(projectRoot(), this.#file);
      WorkspaceStack.around(scope).report(
        errorAt(scope, "FILE_NOT_FOUND", "file not found", {
          value: displayPath.startsWith("..") ? this.fileName : displayPath,
          allowed: "a file, relative to the folder with cdktf.json",
          fix: "correct the path, or build the file first",
        }),
      );
      // A placeholder, so that the synth can report further errors.
      return { source: this.fileName };
    }
    WorkspaceStack.around(scope).noteFile(this.#file);
    // Large files are not searched, because it would take long, nor binary files.
    const credential =
      bytes.length > 1_000_000 || bytes.includes(0)
        ? undefined
        : credentialIn(bytes.toString("utf8"));
    if (credential !== undefined) {
      const fix = "revoke it, remove it from the file, and read it with dbutils.secrets.get";
      warn(
        scope,
        "CREDENTIAL_IN_FILE",
        `${this.fileName} contains what looks like ${credential}, and would be uploaded unchanged`,
        fix,
      );
    }
    const md5 = createHash("md5").update(bytes).digest("hex");
    const asset = new TerraformAsset(scope, "Asset", {
      path: this.#file,
      type: AssetType.FILE,
      assetHash: md5,
    });
    return { source: asset.path, md5 };
  }
}

class TextContent extends Content {
  readonly #text: string;
  readonly fileName = undefined;

  constructor(text: string) {
    super();
    this.#text = text;
  }

  sha256(): string {
    return createHash("sha256").update(this.#text).digest("hex");
  }

  override bytes(): Buffer {
    return Buffer.from(this.#text, "utf8");
  }

  render(scope: Construct): RenderedContent {
    // The provider treats an empty string as no content, and fails when it creates the object.
    if (this.#text === "")
      WorkspaceStack.around(scope).report(
        errorAt(scope, "EMPTY_CONTENT", "the content is an empty string", {
          value: '""',
          allowed: "at least one character, or a file, which can be empty",
          fix: "use Content.file with an empty file",
        }),
      );
    // In base64, the toolkit does not find its tokens, and their placeholders would be deployed.
    const [token] = /\$\{TfToken\[[^\]]+\]\}/.exec(this.#text) ?? [];
    if (token !== undefined)
      WorkspaceStack.around(scope).report(
        errorAt(
          scope,
          "CONTENT_WITH_REFERENCE",
          "the content contains an attribute of a resource",
          {
            value: resolveValues(scope, token),
            allowed: "a text that is known before the deploy",
            fix: "pass the value to the task as a parameter",
          },
        ),
      );
    return { contentBase64: Buffer.from(this.#text, "utf8").toString("base64") };
  }
}
