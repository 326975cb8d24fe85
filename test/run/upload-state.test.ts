import fs from "node:fs";
import path from "node:path";
import { uploadState } from "../../src/run/upload-state";
import { makeFolder, removeFolders } from "../support/project";

afterAll(removeFolders);

test.each(["", "relative"])("is saved in the home folder if XDG_STATE_HOME is %j", (stateHome) => {
  const home = makeFolder("home");
  const source = path.join(home, "large.bin");
  fs.writeFileSync(source, "");
  fs.truncateSync(source, 11_000_000);
  const env = { HOME: home, XDG_STATE_HOME: stateHome };
  uploadState(env, "https://example.invalid", source, "dbfs:/large.bin")?.save({
    handle: 1,
    offset: 2,
  });
  expect(fs.readdirSync(path.join(home, ".local", "state", "lakeform", "uploads"))).toHaveLength(1);
});
