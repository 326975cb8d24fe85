/** Data about other objects for the code generator of one object. */
import type { Attributes } from "../../resources/kind";
import type { SourceFile, Reference } from "./source-file";

export type ArtifactType = "databricks_notebook" | "databricks_workspace_file" | "databricks_dbfs_file";

/** Downloaded notebooks and files, by their type in the code. */
export interface ArtifactCode {
  readonly type: ArtifactType;
  /** In the workspace, without the prefix /Workspace; in DBFS without `dbfs:`. */
  readonly path: string;
  /** False for one that the workspace does not have yet. */
  readonly exists: boolean;
  /** The construct's id. */
  readonly id: string;
  /** Relative to the project, as `Content.file` takes it. */
  readonly file: string;
  /** Set only if the file name does not show it. */
  readonly language?: string;
}

export interface CodeContext {
  readonly file: SourceFile;
  /** The adopted object of this kind and id, passed to the function as a parameter. */
  adopted(type: string, id: string): Reference | undefined;
  /** The artifact at a path that only this object uses: its construct is declared in this file. */
  artifact(path: string): ArtifactCode | undefined;
  /** The name of an object that is not adopted. */
  nameOf(type: string, id: string): string | undefined;
  /** Construct ids used in the stack. */
  constructId(wanted: string): string;
}

/** An object to adopt. */
export interface AdoptedObject {
  readonly type: string;
  /** The id that Terraform imports it by; "" for an object that does not exist yet. */
  readonly id: string;
  /** The value that other objects refer to it by, if it is not the id: the path of a Git folder. */
  readonly reference?: string;
  readonly name: string;
  /** Its name in the code, if it differs: the key in a bundle. */
  readonly key?: string;
  /** In Terraform's shape, without empty values. */
  readonly attributes: Attributes;
  /** Access list; absent when it names only the owner and admins. */
  readonly access?: { readonly id: string; readonly entries: readonly Attributes[] };
  /** Permissions that are in no access list: on secret scopes, and in Unity Catalog. */
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

export const referenceOf = ({ reference, id }: Pick<AdoptedObject, "reference" | "id">): string => reference ?? id;
