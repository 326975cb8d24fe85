/**
 * The verifier checks whether the workspace matches the code. `verifyTargets()` reads the
 * workspace, with GET and HEAD only. The renderers turn its report into text for people and
 * machines.
 */
export { compare } from "./compare/compare";
export type { Compared, Comparison, ShownDecision } from "./compare/comparison";
export { fieldsOf, type FieldInfo, type Fields } from "./fields/field-rules";
export { parseIgnoreFile, readIgnoreFile, type SourcedRule } from "./compare/ignore";
export type { PlanJson, SynthesizedStack, TerraformState } from "./input";
export type { VerifyTarget } from "./target";
export * from "./model";
export type { DeploymentRecord } from "./deployed/record";
export { renderReport, reportFormats, type ReportFormat } from "./report";
export { display } from "./display";
export { ReportRedactor, type Shown, type ShownValue } from "./redactor";
export type { VerifyOptions } from "./options";
export { verifyFully, verifyTargets } from "./verify";
