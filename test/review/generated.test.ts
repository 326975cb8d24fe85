import { describeGenerated } from "./generated";
import { describeGeneratedKinds } from "./generated-kinds";

// The long tier has 1,000 of each.
describeGenerated(100);
describeGeneratedKinds(60);
