/** User-controlled strings in the generated code and in the report. */
import { renderAdoption } from "../../src/adopt/report";
import { selectJobs } from "../../src/adopt/workspace";
import { removeSynthesized } from "../../src/testing/synthesize";
import {
  adoptInto,
  clientOf,
  codeOf,
  firstPlan,
  smallProject,
  synthesizeAdopted,
} from "../support/adopted";
import { controlCharacters, hostile } from "../support/hostile";
import { removeFolders } from "../support/project";
import { useWorkspace } from "../support/workspace";

const workspace = useWorkspace();
afterAll(removeFolders);

test("a string of the workspace cannot end a comment, string or template of the code, and is preserved exactly", async () => {
  const api = clientOf(workspace);
  const hostileText =
    "*/ throw 1; /* \n throw 2; // ${process.exit(3)} `${throw4}` %{ if } \\\" ' \u2028 throw 5; \u202e";
  const names = [hostileText, `${hostileText} clean room`, hostile];
  const base_parameters = { [hostileText]: hostileText, constructor: "${x}", plain: hostile };
  const notebook = {
    task_key: "t",
    description: hostileText,
    notebook_task: { notebook_path: `/Shared/${hostileText}`, base_parameters },
  };
  const cleanRoomTask = {
    task_key: "r",
    clean_rooms_notebook_task: { clean_room_name: hostileText, notebook_name: hostileText },
  };
  for (const name of names)
    await api.post("/api/2.2/jobs/create", {
      name,
      description: hostileText,
      parameters: [{ name: "p", default: hostileText }],
      tasks: name.endsWith("room") ? [cleanRoomTask] : [notebook],
    });
  const root = smallProject("hostile");
  const jobs = await selectJobs(api, { jobs: [], tags: [], all: true });
  const adoption = await adoptInto(root, api, { jobs });
  for (const [file, code] of Object.entries(codeOf(root))) {
    expect([file, controlCharacters.exec(code)?.[0]]).toEqual([file, undefined]);
    expect(code.split("\n").filter((line) => /^\s*throw/.test(line))).toEqual([]);
  }
  const report = renderAdoption(adoption);
  expect(controlCharacters.test(report)).toBe(false);
  expect(report.split("\n").filter((line) => /^\s*throw/.test(line))).toEqual([]);
  const stack = await synthesizeAdopted(root);
  expect(await firstPlan(stack, api)).toMatchObject({
    creates: [],
    changes: {},
    imports: names.length,
  });
  removeSynthesized(stack);
}, 30_000);

test("a job keeps an unusual path of its notebook", async () => {
  const api = clientOf(workspace);
  const paths = [
    "/Shared//a",
    "/Workspace/Shared/./a/../b",
    "/Shared/a/",
    "Shared/a",
    "/Workspace/Workspace/Shared/a",
    "/Workspace/",
    "/",
    "../a",
  ];
  const tasks = paths.map((notebook_path, index) => ({
    task_key: `t${index}`,
    notebook_task: { notebook_path },
  }));
  await api.post("/api/2.2/jobs/create", { name: "odd paths", tasks });
  const root = smallProject("odd-paths");
  await adoptInto(root, api, {
    jobs: await selectJobs(api, { jobs: ["odd paths"], tags: [], all: false }),
  });
  const stack = await synthesizeAdopted(root);
  expect(await firstPlan(stack, api)).toMatchObject({ creates: [], changes: {}, imports: 1 });
  removeSynthesized(stack);
}, 30_000);
