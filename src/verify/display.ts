/** Turns the results of a verification into a report without secrets. Nothing else does this. */
import { defined } from "../defined";
import type {
  Finding,
  IgnoreRuleUse,
  RawReport,
  ResourceResult,
  ShownFinding,
  ShownResult,
  StackSummary,
  UnmanagedObject,
  VerifyReport,
} from "./model";
import type { ReportRedactor, Shown } from "./redactor";

/** Redacts the raw report. */
export function display(raw: RawReport, redactor: ReportRedactor): VerifyReport {
  return {
    ...raw,
    stacks: raw.stacks.map((summary) => stackOf(summary, redactor)),
    resources: raw.resources.map((result) => resultOf(result, redactor)),
    unmanaged: raw.unmanaged.map((object) => objectOf(object, redactor)),
    failures: raw.failures.map(({ stack, what, reason }) => ({
      stack,
      what: redactor.heading(what),
      reason: redactor.sentence(reason),
    })),
    notChecked: raw.notChecked.map(({ what, reason, count, examples }) => ({
      what: redactor.heading(what),
      reason: redactor.sentence(reason),
      count,
      examples: examples.map((example) => redactor.heading(example)),
    })),
    ignoreRules: raw.ignoreRules.map((use) => ruleOf(use, redactor)),
  };
}

/** Redacts several optional texts and returns them under the same names. */
function headings<Name extends string>(
  texts: Readonly<Partial<Record<Name, string | undefined>>>,
  redactor: ReportRedactor,
): { readonly [Key in Name]?: Shown } {
  const headingsByName: { [Key in Name]?: Shown } = {};
  for (const name in texts) {
    const text = texts[name];
    if (text !== undefined) headingsByName[name] = redactor.heading(text);
  }
  return headingsByName;
}

function resultOf(result: ResourceResult, redactor: ReportRedactor): ShownResult {
  const {
    address,
    path,
    source,
    name,
    id,
    link,
    reason,
    findings,
    notRestorable,
    tasks,
    objects,
    ...rest
  } = result;
  return {
    ...rest,
    ...headings({ source, name, id, link, notRestorable }, redactor),
    address: redactor.heading(address),
    path: redactor.heading(path),
    ...(reason !== undefined && { reason: redactor.sentence(reason) }),
    findings: findings.map((finding) => shownFinding(finding, redactor)),
    ...(tasks && {
      tasks: tasks.map(({ key, after, state }) => ({
        key: redactor.heading(key),
        after: after.map((predecessor) => redactor.heading(predecessor)),
        state,
      })),
    }),
    ...(objects && {
      objects: objects.map((object) => ({
        ...{ kind: object.kind, title: object.title },
        address: redactor.heading(object.address),
        id: redactor.heading(object.id),
        ...headings({ name: object.name, link: object.link }, redactor),
      })),
    }),
  };
}

export function shownFinding(finding: Finding, redactor: ReportRedactor): ShownFinding {
  const { path, label, field, desired, deployed, remote, reason, diff, diffNote, ...rest } =
    finding;
  return {
    ...rest,
    path: redactor.path({ path, ...defined({ label }) }),
    field: redactor.heading(field),
    ...defined({
      desired: redactor.value(desired),
      deployed: redactor.value(deployed),
      remote: redactor.value(remote),
    }),
    reason: redactor.sentence(reason),
    ...(diff && { diff: redactor.lines(diff) }),
    ...headings({ diffNote }, redactor),
  };
}

function stackOf(summary: StackSummary, redactor: ReportRedactor): StackSummary<Shown> {
  const { weaker, record, ...rest } = summary;
  return {
    ...rest,
    weaker: weaker.map((note) => redactor.heading(note)),
    ...(record && {
      record: {
        ...headings({ commit: record.commit, digest: record.digest }, redactor),
        deployedAt: redactor.heading(record.deployedAt),
        deployedBy: redactor.heading(record.deployedBy),
      },
    }),
  };
}

function objectOf(object: UnmanagedObject, redactor: ReportRedactor): UnmanagedObject<Shown> {
  const { name, id, link, reason, removal, ...rest } = object;
  return {
    ...rest,
    ...headings({ link }, redactor),
    name: redactor.heading(name),
    id: redactor.heading(id),
    reason: redactor.heading(reason),
    removal: redactor.heading(removal),
  };
}

function ruleOf(use: IgnoreRuleUse, redactor: ReportRedactor): IgnoreRuleUse<Shown> {
  const { from, path, kind, field, reason, ...rest } = use;
  return {
    from: redactor.heading(from),
    ...headings({ path, kind, field }, redactor),
    reason: redactor.heading(reason),
    ...rest,
  };
}
