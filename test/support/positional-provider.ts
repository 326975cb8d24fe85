/**
 * The embedded provider with the official one's bug: it plans lists by position, so that an element
 * inherits its neighbour's values. The test that runs it builds it.
 */
import { findKind } from "../../src/resources";
import type { Rules } from "../../src/resources/kind";
import { serve } from "../../src/provider/server";
import { ProviderService } from "../../src/provider/service";

const rules: { keyed: Rules["keyed"] } | undefined = findKind("databricks_job")?.rules;
if (rules === undefined) throw new Error("no rules of jobs");
rules.keyed = {};

void serve(() => new ProviderService(process.cwd()));
