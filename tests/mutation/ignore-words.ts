// Ignored mutants: texts for people, and changes that the compiler rejects.

const words = 'Words for people.';
const compiler = 'The compiler refuses it.';

/** The required part of a node of Babel's tree and of its position. */
interface Node {
  readonly type: string;
  readonly name?: string;
  readonly value?: unknown;
  readonly key?: Node;
  readonly computed?: boolean;
  readonly callee?: Node;
  readonly id?: Node;
  readonly properties?: readonly Node[];
  readonly quasis?: readonly { readonly value: { readonly raw: string } }[];
}

export interface NodePath {
  readonly node: Node;
  readonly key: string | number | null;
  readonly listKey?: string | undefined;
  readonly parent?: Node | null;
  readonly parentPath?: NodePath | null;
}

/** Members that contain texts of the report and of `explain`, or names that a separate list contains (docs/reference/check-ids.txt). */
const wordMembers: ReadonlySet<string> = new Set([
  ...['id', 'ruleSet', 'level', 'clauses', 'impact', 'title', 'request', 'why', 'fix'],
  ...['asked', 'expected', 'seen', 'change', 'shown', 'answers'],
]);

/** Classes and functions, with the index of the first argument from which all arguments are texts. */
const wordArguments: Readonly<Record<string, number>> = {
  Error: 0,
  Untestable: 0,
  MissingInput: 0,
  NotApplicable: 0,
  NotAsked: 0,
  assertConforms: 1,
  assumeRefused: 1,
};

const isWordMember = ({ type, key, computed }: Node) =>
  (type === 'ObjectProperty' || type === 'ObjectMethod') && !computed && wordMembers.has(key?.name ?? '');

/** Name of a constant that contains such texts, e.g. `seen` or `statusChange`. */
const wordConstant = /^(?:asked|expected|seen|change|shown|words|fix|coveredBy)$|(?:Asked|Expected|Seen|Change|Words)$/;

const nameOf = ({ key }: Node) => key?.name ?? String(key?.value ?? '');

/** Three consecutive words, which no requested value contains. */
const sentence = /\p{L}{2,},? \p{L}+,? \p{L}{2,}/u;

/** A part of the curl line of a finding's evidence. */
const shellWords = /^(?:--|\$|userid=)/;

function isSentence({ type, value, quasis }: Node): boolean {
  const texts =
    type === 'StringLiteral' ? [String(value)] : (quasis ?? []).map((quasi) => quasi.value.raw.replace(/^\\/, ''));
  return texts.some((text) => sentence.test(text)) || shellWords.test(texts[0] ?? '');
}

function isWordArgument({ key, listKey, parent }: NodePath): boolean {
  if (listKey !== 'arguments' || !parent || typeof key !== 'number') return false;
  const first = wordArguments[parent.callee?.name ?? ''];
  return first !== undefined && key >= first;
}

/** Returns whether a text is in `needs` or `auth`, whose types list every allowed text. */
function isNeed({ node, listKey, parentPath }: NodePath): boolean {
  const owner = parentPath?.parent;
  return (
    node.type === 'StringLiteral' && listKey === 'elements' && !!owner && ['needs', 'auth'].includes(nameOf(owner))
  );
}

/** Returns why changes to a node and to all nodes within it are ignored; undefined: they are not ignored. */
export function findIgnoreReason(path: NodePath): string | undefined {
  const { node } = path;
  const isObjectOfWords =
    node.type === 'ObjectExpression' && (node.properties ?? []).length > 0 && node.properties?.every(isWordMember);
  const isConstant = node.type === 'VariableDeclarator' && wordConstant.test(node.id?.name ?? '');
  if (isWordMember(node) || isObjectOfWords || isConstant || isSentence(node) || isWordArgument(path)) return words;
  return isNeed(path) ? compiler : undefined;
}
