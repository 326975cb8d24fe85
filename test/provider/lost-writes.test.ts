/**
 * Loses the responses to creates of all kinds while an older object looks the same, and checks the
 * documented table of writes; lost-writes.long.test.ts covers every write.
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

test("an object that existed before is not adopted after a lost create, except by kinds without a time of creation", async () => {
  const adoptedTypes: string[] = [];
  const olderObjects = new Map(samples.map(({ type }) => [type, new Deploys(workspace, type)]));
  for (const { type, config } of samples)
    expect(await olderObjects.get(type)?.deploy(config)).toEqual([]);
  clock.advance(3_600_000);
  for (const { type, config } of samples) {
    const older = olderObjects.get(type);
    expect(await older?.deploy(config)).toEqual([]);
    const id = older?.state?.["id"];
    const [withoutLoss, withLoss] = [new Deploys(workspace, type), new Deploys(workspace, type)];
    // Kinds that set a value have the same id at each create.
    if ((await withoutLoss.deploy(config)).length === 0 && withoutLoss.state?.["id"] === id)
      continue;
    await withLoss.loseCreate(config);
    if (withLoss.state?.["id"] === id) adoptedTypes.push(type);
  }
  // The platform shows no time of their creation: the same settings, the same creator where it
  // shows one, and unused.
  const kindsWithoutTime = [
    ...["instance_pool", "secret_scope", "sql_endpoint", "git_credential", "budget_policy"],
    ...["quality_monitor", "lakehouse_monitor", "vector_search_index", "online_table"],
    ...["group", "user", "notification_destination", "instance_profile"],
  ];
  expect(adoptedTypes).toEqual(kindsWithoutTime.map((kind) => `databricks_${kind}`));
}, 60_000);

test("the table of writes in docs/reliability.md has every kind", () => {
  const text = fs.readFileSync(path.join(repository, "docs", "reliability.md"), "utf8");
  const listedKinds = text
    .split("\n")
    .flatMap((line) =>
      [...(/^\|([^|]*)\|/.exec(line)?.[1] ?? "").matchAll(/`(\w+)`/g)].map(([, kind]) => kind),
    );
  expect(
    resourceTypes().filter((type) => !listedKinds.includes(type.replace("databricks_", ""))),
  ).toEqual([]);
});
