/** The provider's notes of completed creates, after the provider has exited. */
import fs from "node:fs";
import path from "node:path";
import { forgetSaved, PendingNotes } from "../../../src/resources/families/pending-notes";
import { makeFolder, removeFolders } from "../../support/project";

afterAll(removeFolders);

/** Completes a create, and marks the provider's process as ended. @returns its notes */
async function completeCreate(
  backend: string | undefined,
): Promise<{ readonly remainingNotes: () => string[]; readonly forget: () => void }> {
  const [directory, cache] = [makeFolder("stack"), makeFolder("cache")];
  if (backend !== undefined) {
    fs.mkdirSync(path.join(directory, ".terraform"));
    fs.writeFileSync(path.join(directory, ".terraform", "terraform.tfstate"), backend);
  }
  const folder = path.join(cache, "lakeform", "pending");
  const stack = { directory, workspace: "default", host: "http://localhost" };
  const notes = new PendingNotes(() => stack, folder);
  const note = notes.note("databricks_job");
  await note.begin("job a");
  note.confirm("1");
  notes.close();
  const remainingNotes = (): string[] => (fs.existsSync(folder) ? fs.readdirSync(folder) : []);
  // No process has this id.
  for (const file of remainingNotes().map((name) => path.join(folder, name)))
    fs.writeFileSync(
      file,
      JSON.stringify({
        ...(JSON.parse(fs.readFileSync(file, "utf8")) as object),
        maker: { pid: 2 ** 30 },
      }),
    );
  return { remainingNotes, forget: () => forgetSaved(stack, { XDG_CACHE_HOME: cache }) };
}

test.each([[undefined], ['{"version":3,"backend":{"type":"local"}}']])(
  "a note is deleted after each response if the state is a file: %s",
  async (backend) => {
    expect((await completeCreate(backend)).remainingNotes()).toEqual([]);
  },
);

test.each(['{"version":3,"backend":{"type":"http"}}', '{"version":3,"back', ""])(
  "a note is kept until the apply has succeeded if another or an unknown backend stores the state: %s",
  async (backend) => {
    const { remainingNotes, forget } = await completeCreate(backend);
    expect(remainingNotes()).toHaveLength(1);
    forget();
    expect(remainingNotes()).toEqual([]);
  },
);
