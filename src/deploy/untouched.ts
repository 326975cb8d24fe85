import { traitsOf } from "../resources";
import type { Review } from "../review";
import { withoutKey } from "../terraform/references";
import type { StackJson } from "../terraform/stack";
import type { RawReport, ResourceResult } from "../verify/model";
import { addressesIn, textsByAddress } from "./narrow-plan";

/**
 * Returns the result for a stack and address from the verification before the deploy, if it still
 * applies.
 */
export type StillValid = (stack: string, address: string) => ResourceResult | undefined;

/** If a stack has only these sections, all relevant references are in its resources. */
const plainSections = new Set(["resource", "terraform", "provider", "variable", "output", "//"]);

/**
 * Returns the results that the deploy of one stack cannot have changed: of objects that matched,
 * that it did not write, and that no reference connects with a written object. Returns none if the
 * deploy removed or replaced an object, because that can affect others.
 */
export function resultsStillValid(
  json: StackJson,
  reportBefore: Pick<RawReport, "resources"> | undefined,
  { stacks }: Pick<Review, "stacks">,
): StillValid {
  const [onlyStack, ...otherStacks] = stacks;
  const changes = onlyStack?.changes ?? [];
  const isPlain = Object.keys(json).every((section) => plainSections.has(section));
  const onlyCreatesOrUpdates = changes.every(
    ({ action, movedFrom }) =>
      ["create", "update", "read"].includes(action) && movedFrom === undefined,
  );
  if (
    onlyStack === undefined ||
    otherStacks.length > 0 ||
    reportBefore === undefined ||
    !isPlain ||
    !onlyCreatesOrUpdates
  )
    return () => undefined;
  const affected = withConnected(
    new Set(changes.map(({ address }) => withoutKey(address))),
    textsByAddress(json),
  );
  const validResults = new Map<string, ResourceResult>();
  for (const result of reportBefore.resources) {
    if (
      result.stack !== onlyStack.stack ||
      result.status !== "match" ||
      affected.has(withoutKey(result.address))
    )
      continue;
    // Several resources can set permissions on the same object.
    if (traitsOf(result.kind).grantsPermissions !== true) validResults.set(result.address, result);
  }
  return (stack, address) => (stack === onlyStack.stack ? validResults.get(address) : undefined);
}

/** Returns these resources and all that references connect with them, directly or indirectly. */
function withConnected(
  writtenAddresses: ReadonlySet<string>,
  texts: ReadonlyMap<string, string>,
): ReadonlySet<string> {
  const neighbours = new Map<string, string[]>();
  const add = (from: string, to: string): void =>
    void neighbours.set(from, [...(neighbours.get(from) ?? []), to]);
  for (const [address, text] of texts)
    for (const usedAddress of addressesIn(text)) {
      add(address, usedAddress);
      add(usedAddress, address);
    }
  const connectedAddresses = new Set(writtenAddresses);
  for (const address of connectedAddresses)
    for (const neighbour of neighbours.get(address) ?? []) connectedAddresses.add(neighbour);
  return connectedAddresses;
}
