/** The verifier: is the workspace what the code says? `verifyTargets()` asks, only with GET; the renderers turn its report into text for people and machines. */
export { whyStale } from "./current";
export { compare, type Comparison, type Compared, type Decision } from "./compare";
export { fieldsOf, type FieldInfo, type Fields } from "./fields";
export { parseIgnoreFile, readIgnoreFile, type SourcedRule } from "./ignore";
export type { PlanJson, SynthesizedStack, TerraformState, VerifyTarget } from "./input";
export * from "./model";
export type { DeploymentRecord } from "./record";
export { renderReport, reportFormats, type ReportFormat } from "./report";
export { Shower, oneLine } from "./show";
export { desiredOf, verifyTargets, type VerifyOptions } from "./verify";
