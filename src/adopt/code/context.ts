/** The lookups that the code generator of one object needs about other objects. */
import type { Attributes } from "../../resources/kind";
import type { SourceFile, Reference } from "./source-file";

export type ArtifactType =
  "databricks_notebook" | "databricks_workspace_file" | "databricks_dbfs_file";

/** A notebook or file for which code is generated. */
export interface ArtifactCode {
  readonly type: ArtifactType;
  /** Path in the workspace without the prefix /Workspace, or in DBFS without `dbfs:`. */
  readonly path: string;
  /** Whether the workspace already has the notebook or file. */
  readonly exists: boolean;
  /** The construct's id. */
  readonly id: string;
  /** Path relative to the project, as for `Content.file`. */
  readonly file: string;
  /** The language of a notebook, if the file name does not show it. */
  readonly language?: string;
}

export interface CodeContext {
  readonly file: SourceFile;
  /** Returns the adopted object of this type and id, which becomes a parameter of the function. */
  findAdopted(type: string, id: string): Reference | undefined;
  /**
   * Returns the artifact at a path if only this object uses it. This file then declares its
   * construct.
   */
  findArtifact(path: string): ArtifactCode | undefined;
  /** Returns the name of an object that is not adopted. */
  nameOf(type: string, id: string): string | undefined;
  /** Reserves a construct id that is unique in the stack. */
  constructId(preferredId: string): string;
}

/** An object to adopt. */
export interface AdoptedObject {
  readonly type: string;
  /** The id for Terraform's import; "" for an object that does not exist yet. */
  readonly id: string;
  /**
   * The value by which other objects refer to this object, if not the id: for example the path of a
   * Git folder.
   */
  readonly reference?: string;
  readonly name: string;
  /** The name in the code, if it differs from `name`: for example the key in a bundle. */
  readonly key?: string;
  /** Attributes in Terraform's shape, without empty values. */
  readonly attributes: Attributes;
  /** Access list; absent if it contains only the owner and admins. */
  readonly access?: { readonly id: string; readonly entries: readonly Attributes[] };
  /** Permissions on secret scopes and in Unity Catalog, which have no access list. */
  readonly grants?: readonly Grant[];
  /** Fields whose values must not be in the code. */
  readonly sensitive?: readonly string[];
  /** Keys of the secrets in a scope. Their values are never read. */
  readonly keys?: readonly string[];
}

export interface Grant {
  readonly principal: string;
  readonly privileges: readonly string[];
}

export const referenceOf = ({ reference, id }: Pick<AdoptedObject, "reference" | "id">): string =>
  reference ?? id;
