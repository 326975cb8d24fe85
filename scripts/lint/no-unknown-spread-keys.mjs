/**
 * An ESLint rule: a key in `{ ...defined({ key }) }`, `{ ...(condition && { key }) }` or
 * `{ ...(condition ? { key } : {}) }` must be a property of the type that the object literal has
 * to match. TypeScript checks excess keys only outside of spreads, so it accepts a key there that a
 * rename has left behind.
 */
import ts from "typescript";

/** Returns the object literals whose keys a spread expression adds. */
function literalsIn(expression) {
  if (ts.isParenthesizedExpression(expression)) return literalsIn(expression.expression);
  if (ts.isObjectLiteralExpression(expression)) return [expression];
  if (ts.isConditionalExpression(expression))
    return [...literalsIn(expression.whenTrue), ...literalsIn(expression.whenFalse)];
  if (ts.isBinaryExpression(expression)) return literalsIn(expression.right);
  if (ts.isCallExpression(expression) && expression.expression.getText() === "defined")
    return expression.arguments.flatMap(literalsIn);
  return [];
}

/** Returns the names of a type's properties; undefined if it allows any other key. */
function propertiesOf(checker, type) {
  const names = new Set();
  for (const member of type.isUnion() ? type.types : [type]) {
    if (member.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Null)) continue;
    const isObject = member.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection);
    const properties = checker.getPropertiesOfType(member);
    if (!isObject || properties.length === 0 || checker.getIndexInfosOfType(member).length > 0)
      return undefined;
    for (const { name } of properties) names.add(name);
  }
  return names;
}

export default {
  meta: {
    type: "problem",
    schema: [],
    messages: { unknown: "'{{key}}' is not a property of {{type}}." },
  },
  create(context) {
    const { program, esTreeNodeToTSNodeMap, tsNodeToESTreeNodeMap } =
      context.sourceCode.parserServices;
    const checker = program.getTypeChecker();
    // A nested spread is checked with the outer literal, and may also have a type itself.
    const checked = new Set();
    const check = (literal, type, names) => {
      for (const property of literal.properties) {
        if (checked.has(property)) continue;
        checked.add(property);
        if (ts.isSpreadAssignment(property)) {
          for (const inner of literalsIn(property.expression)) check(inner, type, names);
          continue;
        }
        if (property.name === undefined || ts.isComputedPropertyName(property.name)) continue;
        const key = property.name.text;
        if (!names.has(key))
          context.report({
            node: tsNodeToESTreeNodeMap.get(property),
            messageId: "unknown",
            data: { key, type: checker.typeToString(type) },
          });
      }
    };
    return {
      "ObjectExpression > SpreadElement"(node) {
        const spread = esTreeNodeToTSNodeMap.get(node);
        const literals = literalsIn(spread.expression);
        if (literals.length === 0) return;
        const type = checker.getContextualType(spread.parent);
        const names = type && propertiesOf(checker, type);
        if (names) for (const literal of literals) check(literal, type, names);
      },
    };
  },
};
