import { synthesize } from "../constructs";
import { DailyEtl } from "./daily-etl";
import { environments } from "./environments";

// The cdktf app, which `npx cdktf synth` and lakeform run.
synthesize((app) => {
  for (const environment of environments) new DailyEtl(app, environment);
});
