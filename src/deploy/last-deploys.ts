/** The last deploy of each stack, as recorded in its workspace. */
import { defined } from "../defined";
import type { DeploymentRecord } from "../verify/deployed/record";
import type { LastDeploy } from "./empty-plan";
import { RecordFolders } from "./record-folders";
import { RecordStore } from "./record";
import type { DeployTarget } from "./target";

/**
 * Reads the last deploy of each stack.
 * @param folders by host: folders that the caller also lists
 * @returns the last deploys by stack
 */
export async function lastDeploys(
  targets: readonly DeployTarget[],
  folders?: ReadonlyMap<string, RecordFolders>,
): Promise<ReadonlyMap<string, LastDeploy>> {
  const deployByStack = new Map<string, LastDeploy>();
  for (const client of new Map(
    targets.map((target) => [target.client.host, target.client]),
  ).values()) {
    const stackTargets = targets.filter((target) => target.client.host === client.host);
    const search = folders?.get(client.host) ?? new RecordFolders(client);
    const missingRecordFolders = await search.findMissing(
      stackTargets.map(({ stack }) => stack.metadata.recordFolder),
    );
    for (const target of stackTargets) {
      const store = storeOf(target);
      deployByStack.set(
        target.stack.name,
        missingRecordFolders.has(store.folder) ? {} : await lastDeployOf(store),
      );
    }
  }
  return deployByStack;
}

export async function lastDeployOf(store: RecordStore): Promise<LastDeploy> {
  const trusted = await store.readTrusted();
  const last = await store.readAttempt();
  return {
    ...("record" in trusted && { record: trusted.record }),
    ...defined({ last }),
    ...(last !== undefined && last.outcome !== "succeeded" && { unfinished: last }),
  };
}

export const recordsOf = (
  lastDeploys: ReadonlyMap<string, LastDeploy>,
): ReadonlyMap<string, DeploymentRecord> =>
  new Map(
    [...lastDeploys].flatMap(([name, { record }]) =>
      record === undefined ? [] : [[name, record]],
    ),
  );

export const storeOf = ({ client, stack }: DeployTarget): RecordStore =>
  new RecordStore(client, stack.metadata.recordFolder);
