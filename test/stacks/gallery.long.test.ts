import fs from "node:fs";
import path from "node:path";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { copyRepositoryStacks } from "../support/app";
import { expectExit, lakeform } from "../support/cli";
import { removeFolders } from "../support/project";

describe("the gallery of all constructs", () => {
  let workspace: RunningWorkspace;
  beforeAll(async () => {
    workspace = await startWorkspace();
  });
  afterAll(async () => {
    await workspace.close();
    removeFolders();
  });

  test("is deployed to the local workspace and verified clean, and destroyed", async () => {
    const root = copyRepositoryStacks();
    const file = path.join(root, "cdktf.json");
    fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace("stacks/main.ts", "stacks/gallery/main.ts"));
    const env = {
      LAKEFORM_LOCAL_HOST: workspace.host,
      LAKEFORM_LOCAL_TOKEN: workspace.token,
      GALLERY_API_KEY: "a",
      GALLERY_GIT_TOKEN: "b",
      GALLERY_REGISTRY_PASSWORD: "c",
    };
    expectExit(await lakeform(root, ["deploy", "gallery-local", "--auto-approve"], env), 0);
    expectExit(await lakeform(root, ["verify", "gallery-local"], env), 0);
    expectExit(await lakeform(root, ["destroy", "gallery-local", "--auto-approve"], env), 0);
  });
});
