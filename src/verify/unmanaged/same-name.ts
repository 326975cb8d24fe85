/** Objects created by someone else under the name of one of ours that is not deployed yet. */
import type { Remote } from "../../resources/kind";
import { forEachAtOnce, type Access } from "../remote/shared-reads";
import type { Expected } from "../desired/expected";
import type { Named } from "./named-objects";
import type { Owned } from "../deployed/ownership";
import type { UnmanagedFinder } from "./unmanaged";
import { plain } from "../expressions/values";

export interface SameNameOptions {
  readonly finder: UnmanagedFinder;
  readonly owned: Owned;
  readonly named: Named;
  readonly concurrency: number;
}

/**
 * One call for each resource that is not deployed; kinds that are listed are found in their list.
 */
export async function sameNames(
  api: Access,
  expected: readonly Expected[],
  options: SameNameOptions,
): Promise<void> {
  const waiting = expected.filter(
    (resource) =>
      resource.state === undefined &&
      resource.id === undefined &&
      resource.settled === undefined &&
      !resource.byName &&
      resource.reader?.traits?.takenOver !== true &&
      resource.reader?.traits?.swept !== true,
  );
  await forEachAtOnce(waiting, options.concurrency, (resource) => look(api, resource, options));
}

async function look(
  api: Access,
  resource: Expected,
  { finder, owned, named }: SameNameOptions,
): Promise<void> {
  const { reader, desired } = resource;
  const attributes = desired === undefined ? undefined : plain(desired);
  const key = attributes === undefined ? undefined : reader?.identity.naturalKey(attributes);
  if (reader === undefined || attributes === undefined || key === undefined) return;
  const what = `whether there is a ${reader.title} of the name of ${resource.path} already`;
  if (api.gone !== undefined) {
    finder.fail(resource.target, what, `the workspace does not respond (${api.gone})`);
    return;
  }
  try {
    const found = named.isListed(reader.type)
      ? ((await named.listed(reader, key, attributes)) ?? [])
      : await readOne(api, resource, await named.idOf(reader, key, attributes));
    for (const remote of found) {
      if (owned.hasRemote(reader.type, remote)) continue;
      const reason = `has the name of ${resource.path}, which is not deployed yet, and is not in any state`;
      finder.report(resource.target, reader, remote, reason);
    }
  } catch (error) {
    finder.fail(resource.target, what, error);
  }
}

async function readOne(
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
