import { LakeformError } from "../errors";
import { stopIfInterrupted, uninterrupted } from "../interrupt";
import { findKind } from "../resources";
import { asTerraformShape } from "../resources/shape/block-shape";
import { withDefaults } from "../resources/shape/defaults";
import type { Attributes } from "../resources/kind";
import { schemaOf } from "../resources/shape/schema";
import {
  listHealings,
  toShownHealing,
  typeOf,
  type Healing,
  type LeftOutOf,
} from "../review/changes/healing";
import type { ResourceValues, Verification } from "../verify/model";
import type { DeployEvents, DeployTarget } from "./target";

/** The inputs of healing, for one stack. */
export interface HealTarget {
  readonly stack: Pick<DeployTarget["stack"], "name" | "directory">;
  readonly client: DeployTarget["client"];
}

/**
 * Returns drift that may be invisible after an apply. The apply writes the refreshed values to the
 * state, and they would then count as deployed where the code sets nothing.
 */
export function findSilentDrift(verification: Verification): SilentDrift[] {
  return listHealings(verification.raw).flatMap((healing) => {
    const fields = healing.fields.filter(({ desired }) => desired === undefined);
    return fields.length === 0
      ? []
      : [
          {
            ...healing,
            fields,
            deployed: verification.values(healing.stack, healing.address)?.deployed,
          },
        ];
  });
}

/** Drift, with the values that were deployed before the apply. */
export type SilentDrift = Healing & Pick<ResourceValues, "deployed">;

function addSilentDrifts(
  healings: readonly Healing[],
  silentDrifts: readonly Healing[],
): Healing[] {
  const missedHealings = silentDrifts.filter(({ address }) =>
    healings.every((healing) => healing.address !== address),
  );
  const silentFields = (healing: Healing): Healing["fields"] =>
    silentDrifts
      .filter(({ address }) => address === healing.address)
      .flatMap(({ fields }) => fields)
      .filter(({ path }) => healing.fields.every((field) => field.path !== path));
  return [
    ...healings.map((healing) => ({
      ...healing,
      fields: [...healing.fields, ...silentFields(healing)],
    })),
    ...missedHealings,
  ];
}

/**
 * Writes the desired values back over REST, object by object. Never replaces an object, so a job
 * keeps its id and history.
 * @param verification the current differences
 * @param leftOut changes in the code that the plan omits
 * @param silentDrifts the results of {@link findSilentDrift} before the apply
 * @throws LakeformError HEALING_FAILED after trying all objects, listing those that could not be
 * healed
 */
export async function heal(
  target: HealTarget,
  verification: Verification,
  events: DeployEvents,
  leftOut: LeftOutOf = () => [],
  silentDrifts: readonly SilentDrift[] = [],
): Promise<Healing[]> {
  const { redactor } = verification;
  const healed: Healing[] = [];
  const failures: string[] = [];
  const isOfStack = ({ stack }: Healing): boolean => stack === target.stack.name;
  for (const healing of addSilentDrifts(
    listHealings(verification.raw, leftOut).filter(isOfStack),
    silentDrifts.filter(isOfStack),
  )) {
    const type = typeOf(healing);
    const kind = findKind(type);
    const { desired, deployed } = verification.values(healing.stack, healing.address) ?? {};
    const deployedBefore = silentDrifts.find(
      ({ stack, address }) => stack === healing.stack && address === healing.address,
    )?.deployed;
    const { path, fields } = toShownHealing(healing, redactor);
    if (kind?.restore === undefined || desired === undefined) {
      failures.push(`${path}: cannot be restored in place`);
      continue;
    }
    stopIfInterrupted(
      `interrupted while healing: ${healed.length} done`,
      "healed values stay healed; run the command again",
    );
    const restore = kind.restore.bind(kind);
    try {
      const plannedAttributes = plannedValues(type, desired);
      const clearedValues = clearedBy(healing, plannedAttributes, deployedBefore ?? deployed);
      await uninterrupted(() =>
        restore(target.client, healing.id, plannedAttributes, {
          directory: target.stack.directory,
          cleared: clearedValues,
        }),
      );
      healed.push(healing);
      events.note(`  healed ${path} (${fields.map((field) => field.path).join(", ")})`);
    } catch (error) {
      if (!(error instanceof LakeformError)) throw error;
      failures.push(`${path}: ${redactor.message(error.message)}`);
    }
  }
  if (failures.length > 0) {
    throw new LakeformError(
      "HEALING_FAILED",
      `could not restore everything\n\n  ${failures.join("\n  ")}\n`,
      {
        fix: "all other values were restored; run the command again, or lakeform verify to see what is left",
      },
    );
  }
  return healed;
}

/** The planned values for the provider: the code in Terraform's shape, with schema defaults. */
function plannedValues(type: string, desired: Attributes): Attributes {
  const values = asTerraformShape(type, desired);
  const block = schemaOf(type)?.block;
  return block === undefined ? values : withDefaults(block, values);
}

/**
 * The deployed values of fields that the code does not set; null for blocks of which only a part
 * differs, and for secrets.
 */
function clearedBy(
  { fields }: Healing,
  plannedValues: Attributes,
  deployedValues: Attributes = {},
): Attributes {
  const clearedValues: Attributes = {};
  for (const { field, sensitive } of fields) {
    const [top = ""] = field.split(".");
    if ((plannedValues[top] ?? null) !== null) continue;
    clearedValues[top] = field === top && sensitive !== true ? (deployedValues[top] ?? null) : null;
  }
  return clearedValues;
}
