/**
 * Loses the responses to creates of all kinds while an older object looks the same;
 * lost-writes.long.test.ts covers every write.
 */
import fs from "node:fs";
import path from "node:path";
import { resourceTypes } from "../../src/resources/shape/schema";
import { WorkspaceClock } from "../../src/workspace/clock";
import type { Sample } from "../support/every-kind";
import { removeFolders, repository } from "../support/project";
import { useWorkspace } from "../support/workspace";
import { Deploys, samplesIn } from "./lost-writes";

const clock = new WorkspaceClock();
const workspace = useWorkspace({ clock });
let samples: readonly Sample[];
beforeAll(async () => {
  samples = await samplesIn(workspace);
}, 60_000);
afterAll(removeFolders);

test("an object that existed before is not adopted after a lost create", async () => {
  const taken: string[] = [];
  const others = new Map(samples.map(({ type }) => [type, new Deploys(workspace, type)]));
  for (const { type, config } of samples)
    expect(await others.get(type)?.deploy(config)).toEqual([]);
  clock.advance(3_600_000);
  for (const { type, config } of samples) {
    const other = others.get(type);
    expect(await other?.deploy(config)).toEqual([]);
    const id = other?.state?.["id"];
    const [plain, lost] = [new Deploys(workspace, type), new Deploys(workspace, type)];
    // Kinds that set a value have the same id at each create.
    if ((await plain.deploy(config)).length === 0 && plain.state?.["id"] === id) continue;
    await lost.createLost(config);
    if (lost.state?.["id"] === id) taken.push(type);
  }
  // The platform shows no time of their creation: the same settings, the same creator where it
  // shows one, and unused.
  const timeless = [
    ...["instance_pool", "secret_scope", "sql_endpoint", "git_credential", "budget_policy"],
    ...["quality_monitor", "lakehouse_monitor", "vector_search_index", "online_table"],
    ...["group", "user", "notification_destination", "instance_profile"],
  ];
  expect(taken).toEqual(timeless.map((kind) => `databricks_${kind}`));
}, 60_000);

test("the table of writes in docs/reliability.md has every kind", () => {
  const text = fs.readFileSync(path.join(repository, "docs", "reliability.md"), "utf8");
  const named = text
    .split("\n")
    .flatMap((line) =>
      [...(/^\|([^|]*)\|/.exec(line)?.[1] ?? "").matchAll(/`(\w+)`/g)].map(([, kind]) => kind),
    );
  expect(
    resourceTypes().filter((type) => !named.includes(type.replace("databricks_", ""))),
  ).toEqual([]);
});
