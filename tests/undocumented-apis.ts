// Finds uses of undocumented APIs in a source file: `_fields`, paths inside packages, V8 flags that are set at run time.
import ts from 'typescript';

/** Paths that are named in the documentation of a package without `exports`: https://ajv.js.org/json-schema.html, …/standalone.html. */
const documentedPaths = /^ajv\/dist\/(?:2020|standalone)(?:\.js)?$/;

/**
 * Finds members whose name starts with an underscore (our own private members are `#private`), imports of paths inside a package
 * that exports none, and `setFlagsFromString`.
 *
 * @param hasExports returns whether a package names its entries in `exports`.
 * @returns a line "file:line: reason" for each use.
 */
export function findUndocumented(source: ts.SourceFile, hasExports: (packageName: string) => boolean): string[] {
  const found: string[] = [];
  const report = (node: ts.Node, reason: string) => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    found.push(`${source.fileName}:${line + 1}: ${reason}`);
  };

  function visit(node: ts.Node): void {
    if (ts.isPropertyAccessExpression(node)) checkMember(node, node.name.text);
    else if (ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression)) {
      checkMember(node, node.argumentExpression.text);
    } else if (ts.isBindingElement(node)) checkMember(node, (node.propertyName ?? node.name).getText(source));
    else if (ts.isIdentifier(node) && node.text === 'setFlagsFromString') {
      report(node, 'setFlagsFromString changes V8 at run time');
    } else if (ts.isStringLiteralLike(node) && isSpecifier(node)) checkSpecifier(node);
    ts.forEachChild(node, visit);
  }

  function checkMember(node: ts.Node, name: string): void {
    if (/^_[a-z]/i.test(name) && isObjectMember(node)) report(node, `${name} is not documented`);
  }

  function checkSpecifier(node: ts.StringLiteralLike): void {
    const [, name, path] = /^((?:@[^/]+\/)?[^./@:][^/:]*)\/(.+)$/.exec(node.text) ?? [];
    if (name === undefined || path === undefined || path === 'package.json' || hasExports(name)) return;
    if (documentedPaths.test(node.text)) return;
    report(node, `${node.text} is a path inside the package ${name}`);
  }

  visit(source);
  return found;
}

/** Returns whether a node names a member of an object. An element of an array pattern is a variable, not a member. */
function isObjectMember(node: ts.Node): boolean {
  if (!ts.isBindingElement(node)) return true;
  return ts.isObjectBindingPattern(node.parent) && node.dotDotDotToken === undefined;
}

/** Returns whether the text names a module in an import, an export, `import()` or `require()`. */
function isSpecifier({ parent }: ts.StringLiteralLike): boolean {
  if (ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent)) return true;
  if (!ts.isCallExpression(parent)) return false;
  const { expression } = parent;
  return (
    expression.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(expression) && expression.text === 'require')
  );
}
