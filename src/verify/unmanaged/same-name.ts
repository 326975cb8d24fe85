/** Finds objects that have the name of a pending resource but were created by someone else. */
import type { Remote } from "../../resources/kind";
import { forEachConcurrently, type Access } from "../remote/shared-reads";
import type { Expected } from "../desired/expected";
import type { ObjectsByName } from "./named-objects";
import type { Owned } from "../deployed/ownership";
import type { UnmanagedFinder } from "./unmanaged";
import { plain } from "../expressions/values";

export interface SameNameOptions {
  readonly finder: UnmanagedFinder;
  readonly owned: Owned;
  readonly objectsByName: ObjectsByName;
  readonly concurrency: number;
}

/**
 * Checks each resource that is not deployed. Leaves out kinds that are compared in their list,
 * which {@link UnmanagedFinder.checkListed} checks, and kinds whose creation takes over an existing
 * object.
 */
export async function findNamesakes(
  api: Access,
  expected: readonly Expected[],
  options: SameNameOptions,
): Promise<void> {
  const notDeployed = expected.filter(
    (resource) =>
      resource.state === undefined &&
      resource.id === undefined &&
      resource.settled === undefined &&
      !resource.byName &&
      resource.reader?.traits?.createAdopts !== true &&
      resource.reader?.traits?.comparedInList !== true,
  );
  await forEachConcurrently(notDeployed, options.concurrency, (resource) =>
    checkName(api, resource, options),
  );
}

async function checkName(
  api: Access,
  resource: Expected,
  { finder, owned, objectsByName }: SameNameOptions,
): Promise<void> {
  const { reader, desired } = resource;
  const attributes = desired === undefined ? undefined : plain(desired);
  const key = attributes === undefined ? undefined : reader?.identity.naturalKey(attributes);
  if (reader === undefined || attributes === undefined || key === undefined) return;
  const subject = `whether a ${reader.title} already has the name of ${resource.path}`;
  if (api.unreachableReason !== undefined) {
    finder.fail(
      resource.target,
      subject,
      `the workspace does not respond (${api.unreachableReason})`,
    );
    return;
  }
  try {
    const namesakes = objectsByName.isListed(reader.type)
      ? ((await objectsByName.findListed(reader, key, attributes)) ?? [])
      : await readIfPresent(api, resource, await objectsByName.idOf(reader, key, attributes));
    for (const remote of namesakes) {
      if (owned.hasRemote(reader.type, remote)) continue;
      const reason = `has the name of ${resource.path}, which is not deployed yet, and is not in any state`;
      finder.report(resource.target, reader, remote, reason);
    }
  } catch (error) {
    finder.fail(resource.target, subject, error);
  }
}

async function readIfPresent(
  api: Access,
  { reader, desired }: Expected,
  id: string | undefined,
): Promise<readonly Remote[]> {
  if (id === undefined || reader === undefined || desired === undefined) return [];
  // Only its existence matters, not its content.
  const remote = await reader.read(api, id, {
    known: plain(desired),
    deep: false,
    maxContentBytes: 0,
  });
  return remote === undefined ? [] : [remote];
}
