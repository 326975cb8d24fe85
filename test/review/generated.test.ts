import { describeGenerated } from "./generated";
import { describeGeneratedKinds } from "./generated-kinds";
import { allTypes } from "./generator-kinds";

// The long tier has 1,000 of each.
describeGenerated(100);
// Each case starts with the next kind.
describeGeneratedKinds(allTypes.length);
