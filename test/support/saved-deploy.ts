import fs from "node:fs";
import path from "node:path";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { makeFolder } from "./project";

/**
 * A project and its workspace as they were after a deploy. Several tests start from it, because
 * copying both takes a hundredth of the processor time of a deploy.
 */
export class SavedDeploy {
  private readonly projectCopy = makeFolder("saved-project");
  private readonly dataCopy = makeFolder("saved-data");
  private readonly host: string;

  constructor(
    private readonly root: string,
    workspace: RunningWorkspace,
  ) {
    this.host = workspace.host;
    fs.cpSync(root, this.projectCopy, { recursive: true, verbatimSymlinks: true });
    fs.cpSync(workspace.store.folder, this.dataCopy, {
      recursive: true,
      filter: (file) => path.basename(file) !== "lock",
    });
  }

  /** Puts the project back in its place, and starts a workspace with the same objects. */
  async restore(): Promise<RunningWorkspace> {
    const data = makeFolder("restored-data");
    fs.cpSync(this.dataCopy, data, { recursive: true });
    const workspace = await startWorkspace({ data });
    fs.rmSync(this.root, { recursive: true });
    fs.cpSync(this.projectCopy, this.root, { recursive: true, verbatimSymlinks: true });
    const states = path.join(this.root, ".lakeform", "state");
    for (const name of fs.existsSync(states) ? fs.readdirSync(states) : []) {
      const file = path.join(states, name);
      // The URLs of the objects contain the port.
      const state = fs.readFileSync(file, "utf8").replaceAll(this.host, workspace.host);
      fs.writeFileSync(file, state);
    }
    return workspace;
  }
}
