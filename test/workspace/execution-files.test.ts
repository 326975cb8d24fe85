import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import type { JsonObject } from "../../src/workspace/errors";
import { makeFolder, removeFolders } from "../support/project";
import { describeWithPython } from "../support/python";
import { Lab, notebookTask } from "./execution-support";
import { present } from "./jobs-support";

let lab: Lab;

describeWithPython("files of executed tasks", () => {
  beforeAll(async () => {
    lab = await Lab.open();
    await lab.ok("POST", "/api/2.1/unity-catalog/catalogs", { name: "main_lab" });
    await lab.ok("POST", "/api/2.1/unity-catalog/schemas", {
      name: "raw",
      catalog_name: "main_lab",
    });
    await lab.ok("POST", "/api/2.1/unity-catalog/volumes", {
      catalog_name: "main_lab",
      schema_name: "raw",
      name: "files",
      volume_type: "MANAGED",
    });
  });
  afterAll(() => lab.close());

  test("ordinary file calls on /dbfs, /Volumes, /Workspace and dbfs:/ read and write the stored files", async () => {
    await lab.writeDbfsFile("/in/a.txt", "from dbfs");
    const taskResult = await lab.runCells(
      "import os, shutil, pathlib, glob\nassert open('/dbfs/in/a.txt').read() == open('dbfs:/in/a.txt').read() == 'from dbfs'",
      "pathlib.Path('/Volumes/main_lab/raw/files/deep/er').mkdir(parents=True)\nshutil.copy('/dbfs/in/a.txt', '/Volumes/main_lab/raw/files/deep/er/b.txt')",
      "with open('/Workspace/Shared/notes.txt', 'w') as f:\n    f.write('a note')\nos.remove('/dbfs/in/a.txt')",
      "assert sorted(os.listdir('/Volumes/main_lab/raw/files/deep')) == ['er'] and glob.glob('/Volumes/main_lab/raw/**/*.txt', recursive=True)\nassert os.getcwd()",
      "dbutils.notebook.exit(dbutils.fs.ls('/Volumes/main_lab/raw/files/deep/er')[0].path)",
    );
    expect(taskResult).toMatchObject({
      error: "",
      exitValue: "dbfs:/Volumes/main_lab/raw/files/deep/er/b.txt",
    });
    const note = await lab.ok(
      "GET",
      "/api/2.0/workspace/export?path=/Shared/notes.txt&format=AUTO",
    );
    expect(Buffer.from(note.content as string, "base64").toString()).toBe("a note");
    expect((await lab.server.call("GET", "/api/2.0/dbfs/get-status?path=/in/a.txt")).status).toBe(
      404,
    );
    const response = await fetch(
      `${lab.server.workspace.host}/api/2.0/fs/files/Volumes/main_lab/raw/files/deep/er/b.txt`,
      {
        headers: { authorization: `Bearer ${lab.server.workspace.token}` },
      },
    );
    expect(await response.text()).toBe("from dbfs");
  });

  test("dbutils.fs uses REST, and reads files immediately after file calls write them, and vice versa", async () => {
    const taskResult = await lab.runCells(
      "dbutils.fs.put('dbfs:/both/a.txt', 'one', True)\nassert open('/dbfs/both/a.txt').read() == 'one'",
      "open('/dbfs/both/b.txt', 'w').write('two')\nassert dbutils.fs.head('/both/b.txt') == 'two'\nassert [f.name for f in dbutils.fs.ls('/both')] == ['a.txt', 'b.txt']",
      "dbutils.fs.mkdirs('dbfs:/both/sub')\ndbutils.fs.cp('dbfs:/both', '/Volumes/main_lab/raw/files/copy', True)\nassert open('/Volumes/main_lab/raw/files/copy/b.txt').read() == 'two'",
      "dbutils.fs.mv('/both/a.txt', '/both/sub/')\nassert dbutils.fs.ls('/both/sub')[0] == ('dbfs:/both/sub/a.txt', 'a.txt', 3, dbutils.fs.ls('/both/sub')[0].modificationTime)",
      "assert dbutils.fs.rm('/both', True) and not dbutils.fs.rm('/both', True)\nimport os\nassert not os.path.exists('/dbfs/both')",
      "dbutils.fs.head('/both/a.txt')",
    );
    expect(taskResult.error).toMatch(
      /^ExecutionError: java.io.FileNotFoundException: dbfs:\/both\/a.txt: .*\(cell 6, line 1/,
    );
    expect(lab.server.workspace.journal({ path: "/api/2.0/dbfs/create" }).length).toBeGreaterThan(
      0,
    );
  });

  test("creating a folder in a missing volume is an error, and files outside the mapped folders are local", async () => {
    expect(
      (await lab.runCells("import os\nos.makedirs('/Volumes/main_lab/raw/nope/x')")).error,
    ).toMatch(
      /^FileNotFoundError: .*there is no volume 'main_lab.raw.nope' in the workspace: create it first.*'\/Volumes\/main_lab\/raw\/nope'/,
    );
    expect(
      (await lab.runCells("open('/Volumes/main_lab/raw/nope.txt', 'w').write('x')")).error,
    ).toMatch(
      /^could not store files of the task: \/Volumes\/main_lab\/raw\/nope.txt is not stored in the workspace: /,
    );
    const relativeResult = await lab.runCells(
      "open('relative.txt', 'w').write('x')\nimport tempfile, os\nprint(os.getcwd())\ndbutils.notebook.exit(tempfile.gettempdir())",
    );
    expect(relativeResult.result).toBe("SUCCESS");
    expect(fs.existsSync(relativeResult.exitValue as string)).toBe(false);
  });

  test("a Python file runs with its parameters from DBFS, a volume and the workspace, and imports modules next to it", async () => {
    const code =
      "import sys\nfrom helper import twice\nprint(twice(sys.argv[1]), file=sys.stderr)\nprint(__file__)\nsys.exit(int(sys.argv[2]))";
    const helper = "def twice(text):\n    return text * 2\n";
    await lab.writeDbfsFile("/jobs/main.py", code);
    await lab.writeDbfsFile("/jobs/helper.py", helper);
    await lab.ok("POST", "/api/2.0/workspace/mkdirs", { path: "/Shared/jobs" });
    for (const [name, text] of [
      ["main.py", code],
      ["helper.py", helper],
    ] as const)
      await lab.ok("POST", "/api/2.0/workspace/import", {
        path: `/Shared/jobs/${name}`,
        format: "RAW",
        content: Buffer.from(text).toString("base64"),
      });
    const python = (task_key: string, python_file: string, code: number): JsonObject => ({
      ...notebookTask(task_key),
      notebook_task: undefined,
      spark_python_task: { python_file, parameters: ["ab", String(code)] },
    });
    const runResult = await lab.runTasks([
      python("dbfs", "dbfs:/jobs/main.py", 0),
      python("workspace", "/Shared/jobs/main.py", 0),
      python("failing", "dbfs:/jobs/main.py", 4),
      python("missing", "dbfs:/jobs/nothing.py", 0),
    ]);
    expect(runResult.tasks).toMatchObject({
      dbfs: { result: "SUCCESS", logs: expect.stringContaining("abab") as string },
      workspace: {
        result: "SUCCESS",
        logs: expect.stringContaining("/Workspace/Shared/jobs/main.py") as string,
      },
      failing: {
        result: "FAILED",
        error: expect.stringMatching(/^SystemExit: 4 \(line 5: sys.exit/) as string,
      },
      missing: {
        result: "FAILED",
        error:
          "FileNotFoundError: the Python file /dbfs/jobs/nothing.py cannot be read: No such file or directory",
      },
    });
  });

  test("a wheel's entry point is called by its metadata or as a function, with parameters; a missing one is an error", async () => {
    const file = path.join(makeFolder("wheel"), "etl_lab-0.1-py3-none-any.whl");
    execFileSync("python3", ["-c", wheelMaker, file]);
    await lab.ok("POST", "/api/2.0/dbfs/put", {
      path: "/libs/etl_lab-0.1-py3-none-any.whl",
      contents: fs.readFileSync(file).toString("base64"),
    });
    const wheel = (
      task_key: string,
      entry_point: string,
      overrides: JsonObject = {},
    ): JsonObject => ({
      ...notebookTask(task_key),
      notebook_task: undefined,
      python_wheel_task: { package_name: "etl-lab", entry_point, ...overrides },
      libraries: [{ whl: "dbfs:/libs/etl_lab-0.1-py3-none-any.whl" }],
    });
    const runResult = await lab.runTasks([
      wheel("main", "run-etl", { named_parameters: { day: "2024-01-01" } }),
      wheel("function", "other", { parameters: ["x", "y"] }),
      wheel("unknown", "nothing"),
      { ...wheel("without", "run-etl"), libraries: [] },
      { ...wheel("gone", "run-etl"), libraries: [{ whl: "dbfs:/libs/gone.whl" }] },
    ]);
    removeFolders();
    expect(runResult.tasks).toMatchObject({
      main: { result: "SUCCESS", logs: "main ['--day=2024-01-01']\n" },
      function: { result: "SUCCESS", logs: "other ['x', 'y']\n" },
      unknown: {
        error:
          "LibraryError: the package 'etl-lab' has no entry point 'nothing' (its metadata has: run-etl), and no function of that name",
      },
      without: {
        error: expect.stringMatching(
          /^LibraryError: there is no package 'etl-lab': the task needs its wheel among its libraries/,
        ) as string,
      },
      gone: {
        error: "LibraryError: the library dbfs:/libs/gone.whl does not exist in the workspace",
      },
    });
    expect(present(runResult.tasks.main).message).toBe("");
  });

  test("a task sees the files of a volume that its user owns, and files that are shared with it later", async () => {
    const user = "owner@example.com";
    const uc = "/api/2.1/unity-catalog";
    const volume = { catalog_name: "main_lab", schema_name: "raw", name: "owned" };
    await lab.ok("POST", `${uc}/volumes`, { ...volume, volume_type: "MANAGED" });
    await lab.ok("PATCH", `${uc}/volumes/main_lab.raw.owned`, { owner: user });
    const { object_id } = (await lab.ok("POST", "/api/2.0/workspace/import", {
      path: "/Users/admin@lakeform.local/shared.txt",
      format: "RAW",
      content: Buffer.from("text").toString("base64"),
    })) as { object_id: number };
    const runAsOwner = async (...cells: string[]): Promise<string | undefined> => {
      await lab.importNotebook("/Shared/owned", ...cells);
      const { tasks } = await lab.runTasks([notebookTask("owned")], {
        run_as: { user_name: user },
      });
      return tasks.owned?.exitValue;
    };
    const exists = (file: string): string =>
      `import os\ndbutils.notebook.exit(str(os.path.exists('${file}')))`;
    const file = "/Workspace/Users/admin@lakeform.local/shared.txt";
    expect(await runAsOwner(exists("/Volumes/main_lab/raw/owned"))).toBe("True");
    expect(await runAsOwner(exists(file))).toBe("False");
    await lab.ok("PATCH", `/api/2.0/permissions/files/${object_id}`, {
      access_control_list: [{ user_name: user, permission_level: "CAN_READ" }],
    });
    expect(await runAsOwner(exists(file))).toBe("True");
  });
});

const wheelMaker = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as z:
    z.writestr("etl_lab/__init__.py", "def other():\\n    import sys\\n    print('other', sys.argv[1:])\\n")
    z.writestr("etl_lab/main.py", "import sys\\ndef main():\\n    print('main', sys.argv[1:])\\n")
    z.writestr("etl_lab-0.1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: etl-lab\\nVersion: 0.1\\n")
    z.writestr("etl_lab-0.1.dist-info/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
    z.writestr("etl_lab-0.1.dist-info/RECORD", "")
    z.writestr("etl_lab-0.1.dist-info/entry_points.txt", "[console_scripts]\\nrun-etl = etl_lab.main:main\\n")
`;
