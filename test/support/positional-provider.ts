/**
 * The embedded provider with a bug of the official one: it plans lists by position, so an element
 * inherits values of its neighbour. The test that runs it compiles this file.
 */
import { findKind } from "../../src/resources";
import type { Rules } from "../../src/resources/kind";
import { serve } from "../../src/provider/server";
import { ProviderService } from "../../src/provider/service";

const rules: { keyed: Rules["keyed"] } | undefined = findKind("databricks_job")?.rules;
if (rules === undefined) throw new Error("no rules of jobs");
rules.keyed = {};

void serve(() => new ProviderService(process.cwd()));
