import {
  Content,
  CurrentUser,
  DbfsFile,
  Directory,
  Notebook,
  NotebookFolder,
  PythonWheel,
  VolumeFile,
  WorkspaceFile,
  type Construct,
  type Volume,
} from "../../constructs";

const files = "stacks/gallery/files";

export interface Artifacts {
  readonly notebook: Notebook;
  readonly folder: NotebookFolder;
  readonly script: WorkspaceFile;
  readonly main: WorkspaceFile;
  readonly sql: WorkspaceFile;
  readonly wheel: PythonWheel;
}

/** Adds folders, and uploads notebooks and files to each place that accepts them. */
export function addArtifacts(stack: Construct, volume: Volume): Artifacts {
  new Directory(stack, "folder", { path: "/Shared/gallery", deleteRecursive: true });
  new DbfsFile(stack, "dbfs", {
    path: "/tmp/gallery.json",
    content: Content.text('{"gallery": true}\n'),
    acceptDeprecation: "the gallery shows every artifact",
  });
  new VolumeFile(stack, "volume-file", {
    path: volume.pathTo("setup.sh"),
    content: Content.file(`${files}/setup.sh`),
  });
  const me = new CurrentUser(stack, "me");
  new Notebook(stack, "draft", {
    path: `${me.home}/gallery-draft`,
    language: "SQL",
    content: Content.text("SELECT 1\n"),
  });
  return {
    notebook: new Notebook(stack, "notebook", {
      path: "/Shared/gallery-notebook",
      language: "SQL",
      content: Content.text("SELECT 1\n"),
    }),
    folder: new NotebookFolder(stack, "notebooks", {
      folder: `${files}/notebooks`,
      path: "/Shared/gallery-notebooks",
    }),
    script: new WorkspaceFile(stack, "script", {
      path: "/Shared/gallery-files/setup.sh",
      content: Content.file(`${files}/setup.sh`),
    }),
    main: new WorkspaceFile(stack, "main", {
      path: "/Shared/gallery-files/main.py",
      content: Content.file(`${files}/main.py`),
    }),
    sql: new WorkspaceFile(stack, "sql", {
      path: "/Shared/gallery-files/daily.sql",
      content: Content.file(`${files}/daily.sql`),
    }),
    wheel: new PythonWheel(stack, "wheel", {
      folder: "/Shared/gallery-wheels",
      content: Content.file(`${files}/etl-1.0-py3-none-any.whl`),
    }),
  };
}
